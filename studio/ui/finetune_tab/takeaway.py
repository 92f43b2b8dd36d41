"""The shell of what a finished run gives: its model, its card, and how other programs open it.

Everything comes from `/api/v1/runs/{id}/takeaway`, and is drawn by assets/scripts/runs/takeaway.js.
"""

TAKEAWAY = """<section class="st card takeaway" aria-label="Take it away" data-card hidden>
  <header><h2>Take it away</h2><span class="quiet">what this run has made, for use elsewhere</span></header>
  <div data-body></div>
</section>"""
