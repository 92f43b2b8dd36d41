"""Dataset Studio: load or stream → browse → prompt → split → export → fine-tune → compare.

The pipeline, as file names (each may import only what stands above it):

    errors, record, settings        the words that every stage speaks
    source, table, template         where rows are, how they are stored, how one becomes a prompt
    styles, reader, split           the named prompts, bytes to records, records to parts
    selection, keys, overlay        the records left, what makes two the same; changes by line and hash
    leaks, profile                  twins across parts, what each part looks like
    hub                             the Hugging Face Hub
    formats, recipe, run, journal   the shapes of files: exports, the recipe, a run's folder, changes
    export, revision, workspace     a finished folder; a changed table; a person's work on disk
    pipeline, job, compare, review  build(recipe), a background fine-tune, before and after, a split looked at
    answers                         models of a run asked on demand: a prompt, or the test part
    train                           the child process (torch lives here alone)
    ui, web, cli                    the screen, its server, the command line

Nothing is imported here, so that `import studio` costs nothing.
"""

__version__ = "0.1.0"
