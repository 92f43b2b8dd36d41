import gradio as gr

VIEWS = ("promptPage", "promptEditor", "promptPreview", "tokenView", "lengths", "promptReport")


def test_every_view_of_the_stage_has_its_place_in_order(blocks: gr.Blocks) -> None:
    starts = [getattr(block, "js_on_load", None) or "" for block in blocks.blocks.values()]
    order = [name for start in starts for name in VIEWS if f'Studio.mount("{name}"' in start]
    assert order == list(VIEWS)


def test_no_brace_stands_in_the_markup_of_the_stage(blocks: gr.Blocks) -> None:
    """Gradio evaluates what stands between braces in a view's template."""
    for block in blocks.blocks.values():
        if any(f'Studio.mount("{name}"' in (getattr(block, "js_on_load", None) or "") for name in VIEWS):
            assert not set("{}$`") & set(block.html_template)
