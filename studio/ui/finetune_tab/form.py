"""The shells of what is chosen for a fine-tune, and of what is known before it is launched."""

FORM = """<div class="st stack tune-form">
  <div data-wrong></div>
  <section class="card" aria-label="Base model">
    <header><h2>Base model</h2><div class="segments" role="radiogroup" aria-label="Base model"
      data-kinds></div></header>
    <div class="tune-part" data-model></div>
    <div class="tune-about" data-about aria-live="polite"></div>
  </section>
  <section class="card" aria-label="Training" data-training hidden>
    <header><h2>Training</h2><span class="quiet" data-said></span></header>
    <div class="tune-part" data-method hidden></div>
    <div class="tune-fields" data-fields="adapter" role="group" aria-label="Adapter"></div>
    <div class="tune-fields" data-fields="short"></div>
    <details class="tune-more" data-more>
      <summary>Advanced<span class="quiet" data-changed></span></summary>
      <div class="tune-fields" data-fields="advanced"></div>
    </details>
  </section>
</div>"""
PLAN = """<section class="st card tune-plan" aria-label="Before launch">
  <header><h2>Before launch</h2><span class="quiet end" data-now role="status"></span></header>
  <dl class="figures tune-figures" data-figures></dl>
  <div class="tune-notes" data-notes aria-live="polite"></div>
  <details class="tune-more" data-frozen hidden>
    <summary>Frozen into the run<span class="quiet" data-source></span></summary>
    <dl class="tune-files" data-files></dl>
  </details>
  <footer><span class="ways" data-start></span><span class="quiet" data-doing role="status"></span></footer>
</section>"""
