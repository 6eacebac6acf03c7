"""What excuses words that seem to ask a reporter for something: a «not», a condition, others who do it.

These patterns take a twentieth of a second to make: only who answers people loads them, at the first question.
"""

import re

from hotline.rules.asking_words import KHMER_GIVE, KHMER_HAND, KHMER_PICTURES, KHMER_YOU, PICTURES, Asked

_CLAUSE = re.compile(r",|\b(?:but|please|however)\b|ប៉ុន្តែ|តែ\s|សូម(?!កុំ)", re.IGNORECASE)

# --- English ----------------------------------------------------------------------------------------------------------

_LESS = "(?:without|leave out|leaving out|instead of|rather than)"
_NOT = rf"(?:not|\w+n't|dont|cant|wont|cannot|never|nobody|no one|no need|no way|nor|{_LESS})"
_NOUN = (
    r"(?:(?:phone |telephone |home |e-?mail )?(?:names?|numbers?|address(?:es)?)|telephone|phone|age|date of birth"
    r"|birthday|school|class|job|work|e-?mail|telegram|id|passport|details|who you are"
    rf"|where you (?:live|are|study|work)|how old you are|which school|{PICTURES})"
)
_LISTED = (
    rf"(?:{_NOUN}(?:, and| and|,|(?= or\b| nor\b))"
    r"|(?:go to the police|go anywhere|call(?: us| anybody)?|come|answer)(?= or\b))"
)
_TELLING = (
    r"(?:(?:ask(?:s|ed|ing)?|tell|tells|telling) you|you to|have|has|need|needs|needed|want|wants|wish|like|to|be|is"
    r"|are|will|would|must|should|may|can|here|for|in|on|of|or|nor|either|even|ever|also|about|how|there"
    r"|asks?|asked|asking|required?|obliged|forced|made|necessary|allowed|supposed|meant|expected|tries|try|trying"
    r"|tells?|telling|says?|saying|gives?|giving|sends?|sending|shares?|sharing|shows?|showing|write|writing|down|leave"
    r"|leaving|add|adding|attach|attaching|upload|uploading|post|posting|take|taking|make|making|mention|type|typing|put"
    r"|reveal|publish|pass|forward|keeps?|stores?|stored|saves?|saving|records?|knows?|sees?|learns?|finds?|gets?|out"
    r"|look|up|collect|use|print|us|me|anyone|anybody|else|them|him|her|somebody|any|an?|the|that|this|those|these|such"
    r"|other|more|own|your|full|real|back)"
)
# Each word is read in one way only (atomic groups): a long row of them costs no more than its length.
_REFUSED = re.compile(rf"\b(?P<no>{_NOT})(?> (?:{_LISTED}|{_TELLING})(?![\w']))* ?$", re.IGNORECASE)
_IS_LESS = re.compile(_LESS, re.IGNORECASE)
_MEANT_KINDLY = re.compile(  # «can't you send», «why not tell», «could you not»
    r"(?:\bwhy|\b(?:can|could|will|would|do|did|may|might|should|must) (?:you|u|we))\b[^,]{0,10}$|\breasons? $",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:if|unless|until|when|because|since|as long as|as|while|whoever)\b(?: \w+){0,3} ?$", re.IGNORECASE
)
_OFFERED = re.compile(
    r"(?:if|(?:when|as|should) (?:you|it)|maybe|perhaps|ideally|optional)\b|ប្រសិនបើ|បើ|ករណី", re.IGNORECASE
)
_WANTS = re.compile(r"\S+ (?:want|wish|like|have|need) ", re.IGNORECASE)
_NO_BEFORE = re.compile(
    rf"\b(?:{_NOT}|no|nothing|little|hard|harder|hardly|difficult|impossible|slow|slower|only)\b", re.IGNORECASE
)
_NOT_INSIDE = re.compile(rf"\b(?:no|without|(?:and|or|but) not) (?>{_TELLING} )*{PICTURES}$", re.IGNORECASE)
_NOT_NEEDED = re.compile(
    rf"^(?:(?:, and|, or|,| and| or) (?:(?:your|the|any|full) )?{_NOUN})*"
    rf"(?: (?:of|to|with) \w+)*(?: itself)? (?:(?:is|are|was|were|will be|'s"
    rf"|would be) )?"
    r"(?:(?:not|never)|(?:is|are|was|were|wo)n't(?: be)?) "
    r"(?:be )?(?:needed|necessary|required|asked|stored|kept|saved|shared|recorded|passed|told|allowed|permitted"
    r"|published)\b",
    re.IGNORECASE,
)
_UNLAWFUL = re.compile(
    r"^(?: (?:like (?:this|that|these|those)|of \w+|yourself))* (?:is|are|can be|could be|may be|may itself be) "
    r"(?:against the law|forbidden|a crime|illegal|unlawful|dangerous|punishable|prohibited)\b",
    re.IGNORECASE,
)
_WANTED_AFTER_ALL = re.compile(
    r"^,? (?:but|though|although|yet) (?:it|that|this)\b[^,;]{0,15}\b(?:helps?|easier|faster|good|great|useful"
    r"|welcome)\b"
    r"|^ (?:from us|secret|to yourself|back|hidden|yet|out|makes?|means?|would|slows?|delays?|keeps?|holds?"
    r"|prevents?)\b",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"\b(?:they|who|people|others|members|somebody|someone|users|criminals|offenders|phone|browser|page|site|group"
    r"|channel|account|link|he|she)"
    r"(?: (?:who|that|can|will|may|did|do|could|would|also|might|often))* $",
    re.IGNORECASE,
)
_TO_US = re.compile(r"\b(?:us|me|our|here)\b", re.IGNORECASE)

# --- Khmer ------------------------------------------------------------------------------------------------------------

_KHMER_NOT = (
    r"(?:កុំ(?:ឱ្យ|ឲ្យ|អោយ)?|(?:មិន|ពុំ|ឥត)\s*(?:ចាំ)?បាច់|(?:មិន|ពុំ)\s*(?:ដែល)?|គ្មាន\s*(?:នរណា|អ្នកណា"
    r"|អ្វី)(?:ម្នាក់)?"
    r"|គ្មាន\s*តម្រូវការ|ដោយ\s*(?:មិន|ពុំ|គ្មាន)\s*(?:ចាំ)?(?:បាច់)?)"
)
_KHMER_MAY = r"(?>ដែល|ត្រូវការ|ត្រូវ|តម្រូវឱ្យ|តម្រូវ|នឹង|អាច|ចង់|ឱ្យ|ឲ្យ|អោយ|បាន|ចាំបាច់|បាច់|យើង|ខ្ញុំ|នៅទីនេះ)"
_KHMER_DO = rf"(?>{KHMER_GIVE}|{KHMER_HAND}|និយាយ|សួរ|រក្សា|រក|ដឹង|ស្គាល់|កត់ត្រា|ដាក់|ព្យាយាម)"
_KHMER_THING = r"(?>ឈ្មោះ(?:ពេញ|ពិត)?|លេខទូរស័ព្ទ|លេខទូរសព្ទ|លេខ|អាយុ|អាសយដ្ឋាន|ទីលំនៅ|សាលារៀន|សាលា|អ៊ីមែល|" + KHMER_PICTURES + ")"
_KHMER_LISTED = rf"(?:{_KHMER_THING}\s*(?:(?:របស់)?\s*{KHMER_YOU})?\s*(?:ឬក៏|ឬ|និង|,)\s*)"
_KHMER_OBJECT = rf"(?>យើង|ខ្ញុំ|មក|ដល់|ទៅ|នូវ|ពី|អំពី|ថា|តើ|ទុក|{KHMER_YOU}|នរណា|អ្នកណា|ម្នាក់|គេ|ណា)"
_KHMER_BEFORE = rf"(?P<no>{_KHMER_NOT})\s*(?:{_KHMER_MAY}\s*)*"
_KHMER_VERBS = rf"(?:{_KHMER_DO}\s*(?:{_KHMER_OBJECT}\s*)*(?:ឬ|និង)\s*)*"
# Where the words themselves begin with a verb, no verb stands between them and the «not», unless an «or» joins the two.
_KHMER_REFUSED_DEED = re.compile(rf"{_KHMER_BEFORE}{_KHMER_VERBS}$")
_KHMER_REFUSED = re.compile(
    rf"{_KHMER_BEFORE}{_KHMER_VERBS}(?:{_KHMER_DO}\s*)*(?:{_KHMER_OBJECT}\s*)*{_KHMER_LISTED}*$"
)
_KHMER_DEED = re.compile(_KHMER_DO)
_KHMER_LED = re.compile(r"(?:ហេតុអ្វី|ម៉េច|តើ)")
_KHMER_KINDLY = re.compile(r"ខ្វះ|ភ្លេច|លាក់|អៀន|ខ្លាច|បារម្ភ|ភ័យ|ស្ទាក់ស្ទើរ")
_KHMER_CONDITION = re.compile(r"(?:បើ|ប្រសិនបើ|លុះត្រាតែ|ពេល|ដោយសារ|ព្រោះ)[^។]{0,20}$")
_KHMER_NO_BEFORE = re.compile(r"មិន|ពុំ|គ្មាន|ពិបាក|លំបាក")
_KHMER_AFTER = re.compile(
    rf"^(?:\s*(?:របស់)?\s*{KHMER_YOU})?(?:\s*(?:និង|ឬ)\s*{_KHMER_THING}(?:\s*(?:របស់)?\s*{KHMER_YOU})?)*"
    r"\s*(?:ក៏|គឺ|ជា|អាច|អាចនឹង)*\s*(?:(?:មិន|ពុំ)\s*(?:ចាំបាច់|បាច់|ត្រូវការ|ត្រូវបាន|អនុញ្ញាត)"
    r"|ខុសច្បាប់|ប្រឆាំងនឹងច្បាប់|បទល្មើស|ល្មើសច្បាប់)"
)
_KHMER_WANTED_AFTER_ALL = re.compile(r"^\s*(?:គឺ)?\s*មិន\s*(?:បាន|កើត)")  # «not to tell it will not do»
_KHMER_OF_OTHERS = re.compile(r"(?:ពួកគេ|គេ|នរណា(?:ម្នាក់)?|អ្នកដែល|មនុស្ស|ជនណា|ដែល)\s*(?:បាន|កំពុង|អាច)?\s*$")


def is_excused(sentence: str, hit: re.Match[str], kind: Asked, asked: bool) -> bool:
    """Whether the sentence says that nobody need or may do it, or tells what others do."""
    before, after = sentence[: hit.start()], sentence[hit.end() :]
    asked = asked and not _CLAUSE.search(after)  # «need not tell us your name, but what did you see?» asks the second
    if kind is Asked.FILES and _is_told_of_others(before, hit[0]):
        return True
    if not asked and (_NOT_NEEDED.search(after) or _UNLAWFUL.search(after) or _KHMER_AFTER.search(after)):
        return True
    if _OFFERED.match(hit[0]):  # a «not» further up is not about it: «nobody will know if you leave a number»
        return False
    if inside := _NOT_INSIDE.search(hit[0]):
        return not _NO_BEFORE.search(before + hit[0][: inside.start()])
    return _is_refused(before, after, asked) or _is_refused_in_khmer(before, hit[0], after, asked)


def _is_refused(before: str, after: str, asked: bool) -> bool:
    refused = _REFUSED.search(before)
    if refused is None or _WANTED_AFTER_ALL.search(after):
        return False
    earlier = before[: refused.start()]
    if _IS_LESS.fullmatch(refused["no"]):
        return not _NO_BEFORE.search(_CLAUSE.split(earlier)[-1])
    if asked or _MEANT_KINDLY.search(earlier):
        return False
    return not _CONDITION.search(earlier) or _WANTS.match(refused[0]) is not None


def _is_refused_in_khmer(before: str, words: str, after: str, asked: bool) -> bool:
    refused = (_KHMER_REFUSED_DEED if _KHMER_DEED.match(words) else _KHMER_REFUSED).search(before)
    if refused is None or _KHMER_WANTED_AFTER_ALL.search(after):
        return False
    earlier = _CLAUSE.split(before[: refused.start()])[-1]
    if refused["no"].startswith("ដោយ"):
        return not _KHMER_NO_BEFORE.search(earlier)
    if asked or _KHMER_LED.search(earlier) or _KHMER_KINDLY.search(words):
        return False
    return not _KHMER_CONDITION.search(earlier) or "ចង់" in refused[0]


def _is_told_of_others(before: str, words: str) -> bool:
    if _KHMER_OF_OTHERS.search(before):
        return "យើង" not in words
    return _OF_OTHERS.search(before) is not None and not _TO_US.search(words)
