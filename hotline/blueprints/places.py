"""Where a person was: the page that a sent form stands on, told by the form's own address.

Browsers tell our pages nothing of where they come from (`no-referrer`), and nobody is led where a header says.
"""

from urllib.parse import urlencode

from flask import current_app, request, url_for


def page_of_form() -> str:
    """Return the page that the form of this request stands on: of those above its address the nearest that opens.

    What stands behind the form's address, such as a filter, belongs to the page. Empty where there is none, and for
    what is no form at all.
    """
    if request.method == "GET" or request.url_rule is None:
        return ""
    opens = {rule.rule: rule for rule in current_app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    path = request.url_rule.rule
    if path in opens:
        return request.full_path.rstrip("?")
    while path := path.rpartition("/")[0]:
        if path in opens:
            given = {name: value for name, value in (request.view_args or {}).items() if name in opens[path].arguments}
            asked = urlencode([(name, value) for name, value in request.args.items(multi=True) if name[:1] != "_"])
            return url_for(opens[path].endpoint, **given) + (f"?{asked}" if asked else "")
    return ""
