"""Configuration files made from the templates in lab/templates."""

from pathlib import Path
from string import Template

TEMPLATES = Path(__file__).parents[1] / "templates"


def render(name: str, /, **values: str | int) -> str:
    """Fills one template; a placeholder without a value is an error."""
    return Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(values)
