"""The shell of *Try a prompt*: a prompt of one's own in two models, and the models that a run has kept."""

TRY = """<div class="st stack try" data-try hidden>
  <section class="card" aria-label="Try a prompt">
    <header><h2>Try a prompt</h2><span class="quiet" data-about></span>
      <span class="end try-models" data-models></span></header>
    <div class="try-body">
      <form class="try-form" data-form autocomplete="off"></form>
      <div class="try-shown">
        <h3>What the models see</h3>
        <div class="try-prompt completion" tabindex="0" role="region" aria-label="The prompt"
          data-prompt></div>
        <p class="quiet" data-said role="status"></p>
      </div>
    </div>
    <div class="try-problem" data-problem aria-live="polite"></div>
    <div class="try-answers" data-answers></div>
    <details class="try-history" data-history hidden><summary data-asked></summary>
      <ol data-tries></ol><footer data-more hidden></footer></details>
  </section>
  <section class="card" aria-label="Models of this run" data-kept hidden>
    <header><h2>Models of this run</h2>
      <span class="quiet">Each can answer the whole test part, and then be compared.</span>
      <label class="end try-other"><input type="checkbox" data-kept-other> With the decoding above
        <span class="quiet" data-kept-said></span></label></header>
    <div data-kept-problem aria-live="polite"></div>
    <div class="scroll-x" tabindex="0" role="region" aria-label="List of models" data-kept-models></div>
  </section>
</div>"""
