"""The shells of one fine-tune as it runs, and of the list of all."""

JOB = """<section class="st card job" aria-label="Fine-tune" data-card hidden>
  <header>
    <h2>Run <code data-run></code></h2>
    <span class="state" data-state role="status"></span>
    <span class="end actions">
      <a class="button small primary" href="?tab=compare" data-go="compare" data-compare hidden>Compare</a>
      <button class="button small" type="button" data-act="cancel" hidden>Cancel</button>
      <button class="button small" type="button" data-act="resume" hidden>Go on</button>
    </span>
  </header>
  <div data-problem aria-live="polite"></div>
  <progress max="1" value="0" aria-label="Steps done" data-bar></progress>
  <dl class="figures" data-figures></dl>
  <figure class="chart" data-chart></figure>
  <div class="curve-legend">
    <span><i></i>Training loss</span><span class="is-validation"><i></i>Validation loss</span>
  </div>
  <details><summary>Log</summary><pre class="log" tabindex="0" data-log></pre></details>
</section>"""
RUNS = """<section class="st card" aria-label="Runs" data-card hidden>
  <header><h2>Runs of this workspace</h2></header>
  <div class="scroll-x" tabindex="0" role="region" aria-label="List of runs"><table class="lines run-list">
    <thead><tr>
      <th scope="col">Run</th><th scope="col">Source</th><th scope="col">State</th>
      <th scope="col">Steps</th><th scope="col">Test loss</th><th scope="col">Started</th>
    </tr></thead>
    <tbody></tbody>
  </table></div>
</section>"""
