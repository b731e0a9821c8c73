"""Merge fields of a text: what comes out empty is found before it leaves.

What it supports: the ``{{ }}`` of subjects and short texts, and the ``t-out`` of QWeb bodies.

How to use it: render the text that ``mark_inline`` or ``mark_qweb`` returns in place of the one the author
wrote, and ask ``missing`` of the result. What is not empty comes out as without it.

How it works: an expression that has nothing to say instead gets a mark for the case that it is empty.
"""

import re

import lxml.html

# Private-use characters: no text of a person holds them.
OPEN, CLOSE = "\ue000", "\ue001"
MARK = re.compile(f"{OPEN}([^{CLOSE}]*){CLOSE}")
INLINE = re.compile(r"\{\{(.+?)(\|\|\|(.*?))?\}\}", re.DOTALL)
# What was meant to be filled in and was not.
LEFTOVER = re.compile(r"\{\{.*?\}\}|\$\{.*?\}|\{\{|<t t-out", re.DOTALL)
# A greeting that greets nobody: “Dear ,” – the words that never stand alone, and any word before “ ,”.
EMPTY_GREETING = re.compile(
    r"^\s*(?:(?:Dear|Chère?|Cher|Estimad[oa]|Querid[oa]|Lieber?|Sehr geehrter?)\s*[,!:]|[^\W\d_]+\s+,).*$",
    re.MULTILINE,
)


def mark_inline(text):
    """Let each ``{{ }}`` that comes out empty, and has nothing to say instead, leave a mark.

    >>> mark_inline("Dear {{ object.name ||| you }}")
    'Dear {{ object.name ||| you }}'
    >>> mark_inline("Dear {{ a or 'b' }}")
    "Dear {{ a or 'b' }}"
    >>> MARK.findall(eval(mark_inline("{{ '' }}").strip("{} ")))
    ['’’']
    """

    def replace(match):
        expression = match[1].strip()
        if match[2] is not None or " or " in expression:
            return match[0]
        return f"{{{{ ({expression}) or '{_mark(expression)}' }}}}"

    return INLINE.sub(replace, text)


def mark_qweb(html):
    """As ``mark_inline`` for the ``t-out`` of a QWeb text; those with a default of their own stay.

    >>> mark_qweb("<p>Hi <t t-out='x'>you</t></p>")
    '<p>Hi <t t-out="x">you</t></p>'
    >>> OPEN in mark_qweb("<p>Hi <t t-out='x'/></p>")
    True
    """
    html = str(html or "")
    if "t-out" not in html and "t-esc" not in html:
        return html
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    for node in root.iter():
        if not isinstance(node.tag, str):
            continue
        for attribute in ("t-out", "t-esc"):
            expression = node.get(attribute)
            has_default = bool((node.text or "").strip()) or len(node)
            # what is formatted as an amount or a day cannot be a mark
            has_default = has_default or node.get("t-options") or " or " in (expression or "")
            if not expression or expression == "0" or has_default:
                continue
            node.set(attribute, f"({expression}) or '{_mark(expression)}'")
    return (root.text or "") + "".join(
        lxml.html.tostring(child, encoding="unicode") for child in root
    )


def missing(rendered, text=None):
    """Return what is empty or was not filled in, without doubles; nothing if all is well.

    :param rendered: what came out of a marked source
    :param text: the same as plain text, to look for greetings of nobody

    >>> missing("Dear ,", "Dear ,")
    ['Dear ,']
    >>> missing("Dear {{ name }}")
    ['{{ name }}']
    >>> missing("Bonjour,", "Bonjour,")
    []
    """
    rendered = str(rendered or "")
    found = MARK.findall(rendered) or LEFTOVER.findall(rendered)
    if not found and text:
        found = [line.strip()[:60] for line in EMPTY_GREETING.findall(text[:300])]
    return list(dict.fromkeys(found))


def _mark(expression):
    return f"{OPEN}{expression}{CLOSE}".replace("'", "’").replace("\\", "").replace("\n", " ")
