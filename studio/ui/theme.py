"""Gradio's theme in the design language: every colour is a variable of assets/styles/tokens.css, which has
both its light and its dark value."""

import gradio as gr

# Gradio adds the head late: nothing is seen until the style sheet, which shows the page, is there.
HIDDEN = "#shell { visibility: hidden; }"
# The remembered choice is applied before anything is drawn, so that it does not flash.
HEAD = """<link rel="stylesheet" href="assets/styles/studio.css">
<script>
{
  const theme = localStorage.getItem("studio-theme");
  if (theme) document.body.classList.toggle("dark", theme === "dark");
}
</script>"""

_SAME_IN_DARK = {
    "body_text_color_subdued": "var(--slate-11)",
    "background_fill_primary": "var(--card)",
    "background_fill_secondary": "var(--slate-2)",
    "border_color_primary": "var(--slate-5)",
    "border_color_accent": "var(--iris-9)",
    "block_background_fill": "var(--card)",
    "block_border_color": "var(--slate-5)",
    "block_label_text_color": "var(--slate-11)",
    "block_title_text_color": "var(--slate-12)",
    "block_info_text_color": "var(--slate-11)",
    "input_background_fill": "var(--slate-1)",
    "input_border_color": "var(--slate-6)",
    "input_border_color_focus": "var(--iris-9)",
    "input_placeholder_color": "var(--faint)",
    "button_primary_background_fill": "var(--iris-9)",
    "button_primary_background_fill_hover": "var(--iris-10)",
    "button_primary_text_color": "#fff",
    "checkbox_background_color": "var(--slate-1)",
    "checkbox_background_color_selected": "var(--iris-9)",
    "checkbox_border_color": "var(--slate-8)",
    "checkbox_border_color_selected": "var(--iris-9)",
    "checkbox_label_background_fill": "var(--card)",
    "checkbox_label_background_fill_selected": "var(--iris-2)",
    "checkbox_label_text_color": "var(--slate-12)",
    "checkbox_label_text_color_selected": "var(--slate-12)",
}


def build_theme() -> gr.themes.Base:
    """The theme, with the bundled fonts by name: nothing is fetched from outside."""
    theme = gr.themes.Base(
        primary_hue="indigo",
        neutral_hue="slate",
        radius_size="md",
        font=["Inter Studio", "ui-sans-serif", "system-ui"],
        font_mono=["JetBrains Studio", "ui-monospace"],
    )
    dark = {f"{name}_dark": value for name, value in _SAME_IN_DARK.items()}
    return theme.set(
        **_SAME_IN_DARK,
        **dark,
        # Spelled out: they are used before the style sheet is there.
        body_background_fill="#f9f9fb",
        body_background_fill_dark="#18191b",
        body_text_color="#1c2024",
        body_text_color_dark="#edeef0",
        body_text_size="13px",
        block_radius="12px",
        block_shadow="none",
        block_title_text_size="12px",
        block_title_text_weight="560",
        input_radius="8px",
        input_text_size="13px",
        input_padding="6px 10px",
        input_border_width="1px",
        input_border_width_dark="1px",
        layout_gap="12px",
        button_large_radius="8px",
        button_small_radius="8px",
    )
