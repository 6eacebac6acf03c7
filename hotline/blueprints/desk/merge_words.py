"""Why an item cannot be merged into another, in words."""

from flask_babel import gettext as _

from hotline.rules.merging import MergeFault


def say(field: str, code: str) -> str:
    """Return the sentence for what stands in the way of a merge."""
    return {
        ("into", MergeFault.UNKNOWN): _("There is no item with this reference."),
        ("into", MergeFault.ITSELF): _("That is the same item. Write the reference of the other one."),
        ("into", MergeFault.MERGED): _("This item is merged into another already."),
        ("into", MergeFault.HAS_OTHERS): _("Others are merged into this item. Merge the other one into it instead."),
        ("into", MergeFault.INTO_MERGED): _("That item is merged into another itself. Merge this one into that other."),
        ("into", MergeFault.LOOKED_AT): _(
            "There are looks at this item, or letters about it, which would be lost. "
            "Merge the other one into it instead."
        ),
        ("into", MergeFault.HELD): _("Somebody else has this item in hand. Ask them, or wait until it is free."),
        ("into", MergeFault.DECIDED): _("This item is decided or closed, so there is nothing to merge."),
        ("into", MergeFault.INTO_DECIDED): _(
            "That item is decided already. Look at this one by itself: what was decided stands first on its page."
        ),
    }[field, MergeFault(code)]
