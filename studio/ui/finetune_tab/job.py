"""The shells of one fine-tune as it runs, and of the list of all."""

_EARLIER = """<button class="icon" type="button" data-act="earlier" aria-label="The evaluation before">
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M10 3.5 5.5 8l4.5 4.5"/></svg></button>"""
_LATER = """<button class="icon" type="button" data-act="later" aria-label="The next evaluation">
      <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M6 3.5 10.5 8 6 12.5"/></svg></button>"""
_CURVES = """<div class="curves" data-curves hidden>
    <div class="chart-choices">
      <select name="measure" aria-label="What the chart shows"></select>
      <span class="quiet" data-unit></span>
      <label><input type="checkbox" name="log"> Log scale</label>
      <label>Smoothing <input type="range" name="smoothing" min="0" max="0.95" step="0.05"></label>
    </div>
    <figure class="chart" data-chart></figure>
    <p class="quiet chart-none" data-none>Nothing of this is measured yet.</p>
    <ul class="curve-legend" data-legend></ul>
  </div>"""
_SAMPLES = f"""<section class="learning" aria-label="Answers as it learns" data-samples hidden>
    <header><h3>Answers as it learns</h3>
      <span class="quiet" data-words role="status"></span>
      <span class="stepper">{_EARLIER}
        <input type="range" min="0" max="0" step="1" aria-label="Evaluation">{_LATER}</span>
    </header>
    <ol data-list></ol>
  </section>"""
JOB = f"""<section class="st card job" aria-label="Fine-tune" data-card hidden>
  <header>
    <h2 data-name></h2> <code class="quiet" data-run></code>
    <span class="state" data-state role="status"></span>
    <span class="end actions">
      <a class="button small primary" href="?tab=compare" data-go="compare" data-compare hidden>Compare</a>
      <button class="button small" type="button" data-act="cancel" hidden>Cancel</button>
      <button class="button small" type="button" data-act="resume" hidden>Go on</button>
    </span>
  </header>
  <div class="said" data-problem aria-live="polite"></div>
  <progress max="1" value="0" aria-label="Steps done" data-bar></progress>
  <dl class="figures" data-figures></dl>
  <p class="quiet last-word" data-word></p>
  {_CURVES}
  {_SAMPLES}
  <details data-log-room><summary>Log</summary>
    <div class="log-search">
      <input type="search" placeholder="Search the log" aria-label="Search the log" maxlength="200">
      <span class="quiet" role="status" data-found></span>
    </div>
    <pre class="log" tabindex="0" aria-label="Log" data-log></pre>
  </details>
</section>"""


def _head(sort: str, words: str, name: str = "", down: bool = False) -> str:
    """A column's head that sorts by it; `down`: the greatest first."""
    first = " data-down" if down else ""
    asked = f'scope="col" class="{name}" data-sort="{sort}"{first}'
    return f'<th {asked}><button type="button">{words}</button></th>'


RUNS = f"""<section class="st card runs" aria-label="Runs" data-card hidden>
  <header><h2>Runs of this workspace</h2> <span class="quiet" data-count></span></header>
  <div class="said" data-told aria-live="polite"></div>
  <div class="scroll-x" tabindex="0" role="region" aria-label="List of runs"><table class="lines run-list">
    <thead><tr>
      <th scope="col">Chart</th>{_head("name", "Run")}
      <th scope="col" class="wide">Source and model</th>
      {_head("state", "State")}{_head("steps", "Steps", down=True)}{_head("loss", "Test loss")}
      {_head("seconds", "Time", "wide", down=True)}{_head("started", "Started", "wide", down=True)}
      <th scope="col"><span class="off-screen">Change</span></th>
    </tr></thead>
    <tbody></tbody>
  </table></div>
  <div class="removed-runs" data-removed></div>
</section>"""
