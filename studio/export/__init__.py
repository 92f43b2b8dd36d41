"""An Export: a folder with one file per part, what goes with them, the recipe, and a manifest written last.

    lamini/train.jsonl  lamini/test.jsonl  lamini/recipe.yaml  lamini/manifest.json

Every record is accounted for: read = accepted + quarantined + blank, and accepted = excluded + filtered + the
parts + unused; `edited` counts values. The folder is there whole or not at all. The same recipe on the same
source gives the same bytes, the manifest's too: it holds no time and no absolute path.

    write_export, stream_export     everything, or one part as it is made     (writing.py, parts.py)
    preview_lines                   the first lines of each part              (preview.py)
    describe_export                 the manifest, and how it was made         (manifest.py)
    Export, open_export             a finished folder                         (folder.py)
"""

from studio.export.folder import MANIFEST, RECIPE, Export, open_export, refuse_existing
from studio.export.manifest import explain_making
from studio.export.parts import Progress
from studio.export.preview import preview_lines
from studio.export.writing import stream_export, write_export

__all__ = [
    "MANIFEST",
    "RECIPE",
    "Export",
    "Progress",
    "explain_making",
    "open_export",
    "preview_lines",
    "refuse_existing",
    "stream_export",
    "write_export",
]
