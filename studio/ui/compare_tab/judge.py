"""The shell of the judge: folded, since it is optional and asks a model that someone else may run."""

JUDGE = """<details class="st card judge" data-card hidden>
  <summary><h2>Judge</h2><span class="quiet" data-said></span></summary>
  <div class="judge-body">
    <p class="quiet">Another model scores both answers to every test record from 0 to 100, as in chapter 7
      of “Build a Large Language Model (From Scratch)”. It is a model’s opinion: an answer can talk it round.
    </p>
    <div class="judge-said" data-work aria-live="polite"></div>
    <section class="judge-result" aria-label="What the judge said" data-result hidden></section>
    <details class="judge-ask" data-ask open><summary>Ask again, or another judge</summary>
      <form class="judge-form" aria-label="What the judge is asked" autocomplete="off" data-form></form>
    </details>
    <div class="judge-said" data-problem aria-live="polite"></div>
  </div>
</details>"""
