"""The shell of the comparison: scores, tools, the records, pages."""

_SCORES = """<section class="card" aria-label="Scores" data-scores-card hidden>
    <header><h2>Before and after</h2><span class="label" data-label></span>
      <div class="sides-chosen end" role="group" aria-label="What is compared">
        <label>Run <select data-runs aria-label="Run"></select></label>
        <label hidden>Before <select data-left aria-label="Before"></select></label>
        <label hidden>After <select data-right aria-label="After"></select></label>
        <label hidden>By <select data-by aria-label="Scores by column"></select></label>
        <button class="button small" type="button" data-export aria-haspopup="menu" aria-expanded="false"
          hidden>Export</button>
      </div></header>
    <div data-problem aria-live="polite"></div>
    <p class="verdict" data-verdict></p>
    <div class="scroll-x" tabindex="0" role="region" aria-label="Table of scores" data-scores></div>
    <div class="scroll-x by-column" tabindex="0" role="region" aria-label="Scores by category"
      data-categories hidden></div>
  </section>"""
_TOOLS = """<div class="pair-tools">
    <div class="search">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3 3"/>
      </svg>
      <input type="search" placeholder="Search prompts and answers" aria-label="Search prompts and answers"
        autocomplete="off" spellcheck="false" data-find>
      <button class="icon" type="button" data-act="clear" aria-label="Clear the search" hidden>✕</button>
      <span class="key" aria-hidden="true">/</span>
    </div>
    <select data-order aria-label="Sort"></select>
    <select data-shows aria-label="What is marked in the answers"></select>
    <div class="segments" role="radiogroup" aria-label="Which records" data-only></div>
  </div>"""
_FOOT = """<footer class="pair-foot">
    <span class="keys" aria-hidden="true">
      <span class="key">j</span><span class="key">k</span><span>move</span>
      <span class="key">b</span><span class="key">w</span><span class="key">s</span><span>mark</span>
      <span class="key">?</span><span>all keys</span>
    </span>
    <span class="tally" data-tally hidden></span>
    <nav class="pages" aria-label="Pages of records">
      <span class="quiet" role="status" data-range></span>
      <button class="button small" type="button" data-act="previous" aria-label="Previous page">
        Previous</button>
      <button class="button small" type="button" data-act="next" aria-label="Next page">Next</button>
    </nav>
  </footer>"""
COMPARISON = f"""<div class="st compare-page stack">
  <div data-empty></div>
  {_SCORES}
  <section class="card test-records" aria-label="Test records" data-records hidden>
    {_TOOLS}
    <div data-doing aria-live="polite"></div>
    <div data-list></div>
    {_FOOT}
  </section>
</div>"""
