"""The words by which an answer asks for something that says who somebody is, or for a picture. English and Khmer."""

from enum import StrEnum


class Asked(StrEnum):
    """What an answer seems to ask for."""

    NAME = "name"
    TELEPHONE = "telephone"
    ADDRESS = "address"
    ID = "id"
    SCHOOL = "school"
    AGE = "age"
    FILES = "files"


# --- Who is asked, and for whom ---------------------------------------------------------------------------------------

_YOU = "(?:you|u|ya)"
_YOUR = "(?:your|ur|yr|yur)"
_ARE_YOU = rf"(?:are {_YOU}|r u|are u)"
_DO = "(?:do|did|does|are|is|were|was)"
_SOMEBODY = (
    rf"(?:(?:{_YOUR}|the|that|this|a|his|her|their) )?(?:child|friend|boy|girl|son|daughter|brother|sister|mother"
    rf"|father"
    r"|parents?|teacher|person|sender|victim|neighbou?r)"
)
_THEM = rf"(?:they|he|she|{_SOMEBODY})"
_WE = "(?:we|i|someone|somebody|one of us|a colleague|our team)"
_CAN = "(?:can|could|may|might|shall|should|do|would|must)"
KHMER_YOU = "(?:លោកអ្នក|លោកស្រី|អ្នកនាង|បងប្អូន|អ្នក|ប្អូន|បង|ក្មួយ|កូន|លោក|ឯង|ចៅ)"
_OF_YOU = rf"\s*(?:របស់|ខ្លួន)?\s*{KHMER_YOU}"
_KHMER_THEM = "(?:កុមារា?|កុមារី|ក្មេង(?:ប្រុស|ស្រី)?|មិត្តភក្តិ|ជនរងគ្រោះ|គាត់)"

# --- By what they are asked -------------------------------------------------------------------------------------------

_APPS = (
    r"(?:telegram|whats ?app|facebook|fb|messenger|tik ?tok|insta(?:gram)?|ig|viber|signal|zalo|wechat|skype|discord"
    r"|snap(?:chat)?|gmail|hotmail|outlook|yahoo|proton ?mail)"
)
KHMER_GIVE = "(?:ប្រាប់|ផ្[តដ]ល់|សរសេរ|បំពេញ|បញ្ចូល|បញ្ជាក់|បញ្ជូន|ផ្ញើ|(?<!រក្សា)ទុក|សុំ|សូមដឹង|ចង់ដឹង|អាចដឹង|ត្រូវការ|ឱ្យ|ឲ្យ|អោយ)"
_ELSE_NAMED = r"(?!\s*(?:របស់|នៃ)?\s*(?:ក្រុម|គេហទំព័រ|ទំព័រ|ឆានែល|ប៉ុស្តិ៍|បណ្តាញ|បណ្ដាញ|វេបសាយ|គណនី|ដែន|កម្មវិធី|ម៉ាស៊ីន|តំណ|អង្គភាព))"
_KHMER_ACCOUNT = (
    r"(?:លេខ(?:ទូរស័ព្ទ|ទូរសព្ទ|ទំនាក់ទំនង|ដៃ)|ទូរស័ព្ទ|ទូរសព្ទ|តេឡេក្រាម|តេលេក្រាម|អ៊ីមែល|អ៊ីម៉ែល|អុីមែល|អីមែល|ជីមែល"
    rf"|ហ្វេសប៊ុក|ហ្វេសបុក|{_APPS}|e-?mail)"
)
_KHMER_NUMBER = r"លេខ(?:ទូរស័ព្ទ|ទូរសព្ទ|ទំនាក់ទំនង|ទាក់ទង)?"
_OF_OURS = r"(?!\s*(?:\d|របស់យើង|យើង|ហតឡាយ|កូដ|បង្កាន់ដៃ|សម្គាល់|សំងាត់|សម្ងាត់|របាយការណ៍|ករណី|នេះ))"

PICTURES = (
    r"(?:pictures?|photos?|fotos?|photographs?|images?|pics?|pix|videos?|vids?|clips?|footage|selfies?|snapshots?"
    r"|(?:screen|print) ?(?:shots?|grabs?|caps?|captures?|screens?)|recordings?|files?|attachments?|copy|copies)"
)
_NOT_TAKEN_DOWN = r"(?! (?:(?:to )?(?:be|is|are|was|were) )?(?:down|away|off|removed|deleted|taken)\b)"
_HAND = (
    r"(?:send|attach|upload|snd|shar|forward|giv|show|e-?mail|mail|post|mak|tak|get|keep|sav|includ|add|enclos|provid"
    r"|submit"
    r"|drop|pass|captur|snap|supply|copy)(?:e|ing|ting|ping)?\b(?! (?:down|off|away|care|part|time)\b)"
)
# What is sent is the place of a picture, unless a picture is to come with it.
_PLACE = (
    r"(?:(?:link|address|url|name|title|place|page|site|website|group|channel|account)(?:e?s)?"
    r"(?! (?:and|or|plus|with|along|together)\b)|where|which|what|how|about|whether)\b"
)
_BETWEEN = rf"(?:(?!\b{_HAND}|\b{_PLACE})[^,;]){{0,60}}?"
_ASIDE = r"(?:, (?:if|when|please|as)\b[^,;]{0,30},)?"
KHMER_HAND = (
    r"(?:ផ្ញើ|បញ្ជូន|ភ្ជាប់|បង្ហោះ|ចែករំលែក|ថត|បង្ហាញ|រក្សាទុក|ផ្[តដ]ល់|ត្រូវការ|សុំ|ចង់បាន|ចង់ឃើញ|មើល|ឱ្យ|ឲ្យ|អោយ"
    r"|ចម្លង|screenshot)"
)
KHMER_PICTURES = r"(?:រូបភាព|រូបថត|រូប|វីដេអូ|វីដេអ៊ូ|ខ្លីប|ឯកសារ|ហ្វាល|ហ្វាយល៍|អេក្រង់|ស្គ្រីន|សំឡេង|photo|video|screen ?shot)"
_KHMER_PLACE = r"(?:(?:តំណ|លីង|អាសយដ្ឋាន|ឈ្មោះ|link)(?!\s*(?:និង|ឬ|ព្រមទាំង|ជាមួយ))|ទំព័រ|ក្រុម|កន្លែង)"

# --- What asks without asking: «if you like, a number», «a name would help» -------------------------------------------

_SOFT = (
    rf"(?:(?:if|when|as|should) (?:{_YOU}|it|that|this)(?:'d|'re| would| are| feels?| is| also| really| do not"
    r"| don't| all)* ?(?:like|want|wish|prefer|agree|can|mind|happy|willing|comfortable|ready|ok(?:ay)?|fine|safe|right"
    r"|possible|all ?right)(?: (?:to|for you|enough|with (?:it|that)))*"
    r"|if (?:possible|ok(?:ay)?)|maybe|perhaps|ideally|optional(?:ly)?)"
)
_GOOD = (
    r"(?:(?:would|will|could|might|may|can)(?: also| really| all)* (?:help|speed|make|be (?:\w+ ){0,2}?(?:good|great"
    r"|useful|helpful|nice|fine|enough|welcome|appreciated|help|perfect))|helps?|is (?:\w+ )?(?:welcome|useful|helpful"
    r"|appreciated|enough))"
)
_ONE = r"(?:(?:your|a|an|any|some|full|first|real|only|just|also|please|then|the|leave|with) ){0,3}"
_OF_A_THING = (
    r"(?!(?: or \w+)? (?:of|for) (?:(?:the|that|this|a|an|their|its) )?(?:page|site|web ?site|group|channel|account|app"
    r"|video|post|link|board|forum|service|platform|profile|file)s?\b)"
)
_SAID_ALONE = (  # what follows is no sentence about it
    r"(?= ?(?:$|,|(?:and|or|too|as well|please|so|where|we|that|which|here|below)\b|to (?:call|reach|write)\b"
    r"|of (?:your|it|the (?:page|chat|child|site|screen)|that|this)\b(?!.*\b(?:removed|deleted|gone|down|there)\b)))"
)
_ASKED_BESIDE = (
    r"(?:names?|numbers?|telephone|phone|e-?mail|age|school|home|telegram|class|job|date of birth|contact(?: details)?)"
)
_SOFT_NOUNS = {
    Asked.NAME: rf"names?{_OF_A_THING}",
    Asked.TELEPHONE: (
        r"(?:(?:(?:tele)?phone|mobile|contact|viber|call ?back) )?numbers?"
        r"(?! (?:of (?:the|that|this)|is|on|below|above|we|\d))"
        rf"{_OF_A_THING}|contact(?: details?| info(?:rmation)?)?|(?:an )?e-?mail(?: address)?|telegram|(?:short )?call"
    ),
    Asked.ADDRESS: (
        r"(?:home|street|postal) address|village|commune|district|province|home ?town|where you (?:live|are)"
    ),
    Asked.SCHOOL: r"school|workplace|job|grade",
    Asked.AGE: r"(?:exact )?age|date of birth|birthday",
    Asked.FILES: PICTURES,
}
_KHMER_IF = (
    rf"(?:ប្រសិនបើ|បើ|ករណី)\s*{KHMER_YOU}?\s*(?:ចង់|ស្រួលចិត្ត|យល់ព្រម|អាច|សុខចិត្ត|ពេញចិត្ត|មិន\s*(?:អី|ប្រកាន់|យល់ទាស់))"
    r"(?:\s*(?:ប្រាប់|ផ្[តដ]ល់|ឱ្យ|ឲ្យ))?"
)
_KHMER_SOFT_NOUNS = {
    Asked.NAME: rf"ឈ្មោះ{_ELSE_NAMED}",
    Asked.TELEPHONE: rf"(?:{_KHMER_NUMBER}{_OF_OURS}|{_KHMER_ACCOUNT}(?!\s*(?:\d|របស់យើង|យើង)))",
    Asked.ADDRESS: r"(?:ទីលំនៅ|អាសយដ្ឋានផ្ទះ|ភូមិ|ឃុំ|ស្រុក|ខេត្ត)",
    Asked.SCHOOL: r"(?:សាលារៀន|សាលា|ថ្នាក់|កន្លែងធ្វើការ|មុខរបរ)",
    Asked.AGE: "អាយុ",
    Asked.FILES: KHMER_PICTURES,
}


def _softly(kind: Asked) -> tuple[str, ...]:
    """Return how a thing is asked for by saying no more than that it is welcome."""
    noun, khmer = f"(?:{_SOFT_NOUNS[kind]})", _KHMER_SOFT_NOUNS[kind]
    return (
        rf"\b{_SOFT},? {_ONE}{noun}{_SAID_ALONE}",
        rf"^ ?{_ONE}{noun}(?:(?:,|, and| and| or) {_ONE}{_ASKED_BESIDE}){{0,3}},? {_SOFT}(?: \w+){{0,3}} ?$",
        rf"^ ?{_ONE}{noun}(?:(?:,|, and| and| or) {_ONE}{_ASKED_BESIDE}){{1,3}}(?:,? please| too)? ?$",
        rf"\b(?:your|a|an|any|some|knowing (?:your|a|the)) {noun} {_GOOD}\b",
        rf"\bif (?:we|i) (?:had|have|knew|know|got|get) (?:your|a|an|any|some) {noun}\b",
        rf"\bif {_YOU} (?:give|gave|leave|left|send|sent|tell|told|write|wrote|add|share)(?: us| me)? "
        rf"(?:your|a|an|any|some) {noun}\b",
        rf"{_KHMER_IF}\s*(?:សូម|ដាក់|នូវ)?\s*{khmer}",
        rf"{khmer}(?:{_OF_YOU})?\s*(?:{_KHMER_IF}|(?:ប្រសិន)?បើ\s*មាន\s*$)",
        rf"{khmer}(?:{_OF_YOU})?\s*(?:មួយ)?\s*(?:ក៏)?\s*(?:អាចនឹង|នឹង|អាច)\s*(?:ជួយ|មានប្រយោជន៍)",
        rf"(?:ជួយ|ល្អ|ងាយ)[^។]{{0,15}}(?:បើ|ដោយ)\s*(?:យើង|ខ្ញុំ)?\s*(?:ដឹង|ស្គាល់|មាន)\s*{khmer}",
    )


# --- What is asked for ------------------------------------------------------------------------------------------------

WORDS = {
    Asked.NAME: (
        *_softly(Asked.NAME),
        rf"\b{_YOUR} (?:(?:full|real|own|true|first|last|family|given|middle|complete|whole|legal|user|screen|nick"
        r"|account|profile|khmer|english|good) ?){0,2}names?\b",
        rf"\b{_YOUR} (?:surname|nickname|initials|alias|username|identity)\b",
        rf"\bnames? of {_SOMEBODY}\b",
        rf"\b(?:{_SOMEBODY}'s|his|her|their) (?:full |real |first |last )?names?\b",
        rf"\bwho (?:are|is|r) {_YOU}\b",
        rf"\bwho {_YOU} (?:are|r)\b",
        rf"\bwho (?:is|are) {_THEM}\b",
        rf"\bwho {_THEM} (?:is|are)\b",
        rf"\bwhat (?:are {_YOU}|is {_THEM}|are they) (?:called|named)\b",
        rf"\b(?:what|how) {_CAN} (?:{_WE}|they|people|your friends) (?:call|address|name) {_YOU}\b",
        rf"\bwhat do {_YOU} go by\b",
        r"\bwho(?:m)? (?:am i|are we|do we|do i) (?:speak|talk|writ|chat|deal)(?:e|ing)?\b",
        rf"\b(?:introduce|identify|name) {_YOUR}sel(?:f|ves)\b",
        rf"\babout {_YOUR}sel(?:f|ves)\b",
        rf"\bdo {_YOU} know {_SOMEBODY}(?! (?:to|of|in|on|with|would)\b)",
        rf"ឈ្មោះ\s*(?:ពេញ|ពិត|ពិតប្រាកដ|ហៅក្រៅ)?{_OF_YOU}",
        rf"{KHMER_YOU}\s*(?:មាន)?\s*ឈ្មោះ",
        rf"(?:ឈ្មោះ\s*(?:របស់)?\s*{_KHMER_THEM}|{_KHMER_THEM}\s*(?:នោះ|នេះ)?\s*ឈ្មោះ)",
        rf"{KHMER_GIVE}(?:(?!{KHMER_GIVE}|ប៉ុន្តែ)[^។]){{0,25}}?ឈ្មោះ{_ELSE_NAMED}(?:{_OF_YOU})?",
        r"(?:តើ|^)\s*ឈ្មោះ\s*(?:អ្វី|អី)",
        r"នាមត្រកូល|គោត្តនាម|នាមខ្លួន|ឈ្មោះ(?:ពេញ|ពិត|ហៅក្រៅ)",
        rf"{KHMER_YOU}\s*ជា\s*(?:នរណា|អ្នកណា|ណា)",
        rf"ហៅ\s*{KHMER_YOU}\s*ថា",
        rf"(?:សុំ|អាច|ចង់)\s*ស្គាល់\s*{KHMER_YOU}",
        r"ណែនាំ\s*ខ្លួន|អំពី\s*ខ្លួន|អត្តនាម",
    ),
    Asked.TELEPHONE: (
        *_softly(Asked.TELEPHONE),
        rf"\bwe (?:can|could|may|might|will|would)(?: also| then| like to)? (?:call|phone|ring|text) {_YOU}\b",
        rf"\b{_YOUR} (?:own )?(?:(?:tele)?phone|mobile|cell|hand ?phone|contact|telephone|home|viber|call ?back)?"
        r" ?(?:numbers?|nums?|digits|tele?)\b",
        rf"(?<!\bon )(?<!\bfrom )(?<!\bin )(?<!\bwith )(?<!\bto )\b{_YOUR} (?:own )?(?:(?:tele)?phone|mobile"
        rf"|hand ?phone)\b(?! (?:may|can|will|might|keeps?|stores?|has)\b)",
        rf"\b{_YOUR} (?:personal )?(?:details|data)\b",
        rf"\b{_YOUR} (?:cell|contacts?|line)\b(?: phone| number| details| info(?:rmation)?)?",
        rf"\b{_YOUR} (?:own )?(?:{_APPS}|e-?mail|mail|mailbox|inbox|social media|handle)\b",
        rf"\b{_YOUR} (?:account|profile|user) ?(?:name|id|link)\b",
        rf"\bhow (?:best )?(?:{_CAN} {_WE}|to) (?:best )?(?:reach|contact|call|phone|find|write to|get (?:back )?(?:to"
        rf"|hold of)"
        rf"|get in touch with) {_YOU}\b",
        rf"\b(?:can|could|may|might|shall|should) {_WE} (?:please |maybe |also )?(?:call|phone|ring|text|contact|reach"
        rf"|message|e-?mail|write to|get (?:in touch with|hold of)) {_YOU}\b",
        rf"\b(?:where|(?<!no )way|ways|how|like|love|want|wish|able|need) to (?:call|phone|ring|text|contact|reach"
        rf"|message"
        rf"|get in touch with|get hold of) {_YOU}\b",
        r"\b(?:a|which|what|any|the) (?:tele)?phone number\b(?! (?:of ours|is|on))",
        r"\b(?:what|which|a|the) number (?:where|on which|at which|to call|we can|can we|do you|that we)\b",
        r"\b(?:leav|giv|send|shar|add|writ|typ|tell|hav|need|want)(?:e|ing)?\b[^,;]{0,30}?\bcontact (?:details?"
        r"|info(?:rmation)?)\b",
        r"\bleav(?:e|ing) (?:us |me )?(?:a|any|the|some) (?:number|e-?mail|contact|address)\b",
        rf"\b(?:do {_YOU} (?:have|use)|{_ARE_YOU} on) (?:{_APPS}|e-?mail|an e-?mail|a (?:tele)?phone)\b",
        rf"{_KHMER_NUMBER}{_OF_YOU}",
        rf"{_KHMER_ACCOUNT}(?:\s*ផ្ទាល់)?{_OF_YOU}",
        rf"{KHMER_GIVE}(?:(?!{KHMER_GIVE}|ប៉ុន្តែ)[^។]){{0,20}}?(?:{_KHMER_NUMBER}{_OF_OURS}(?:{_OF_YOU})?|អ៊ីមែល|អ៊ីម៉ែល"
        rf"|អីមែល|ជីមែល|តេឡេក្រាម)"
        r"(?!\s*(?:\d|របស់យើង|យើង))",
        r"(?:លេខ(?:ទូរស័ព្ទ|ទូរសព្ទ|ទំនាក់ទំនង)?)\s*(?:អ្វី|អី|ណា|ប៉ុន្មាន)",
        rf"(?:មាន|ប្រើ)\s*{_KHMER_ACCOUNT}\s*(?:ដែរ)?\s*(?:ទេ|ឬ|អត់)",
        rf"(?:ទាក់ទង|ទូរស័ព្ទ|ទូរសព្ទ|តេ|ហៅ|ខល)\s*(?:ទៅ|មក|រក)?\s*(?:កាន់)?\s*{KHMER_YOU}",
        r"(?:ព័ត៌មាន|របៀប|លេខ)\s*(?:សម្រាប់)?\s*(?:ទំនាក់ទំនង|ទាក់ទង)(?!\s*(?:មក)?\s*(?:យើង|របស់យើង))",
    ),
    Asked.ADDRESS: (
        *_softly(Asked.ADDRESS),
        rf"\bwhere {_DO} (?:{_YOU}|{_THEM}) (?:now |all |currently )?(?:liv|stay|com|resid|based|from|located)(?:e"
        rf"|ing)?\b",
        rf"\bwhere {_YOU} (?:liv|stay|are|come from)(?:e|ing)?\b",
        rf"\bwhere {_ARE_YOU}\b",
        rf"\b{_YOUR} (?:home |street |postal |post |own |house |current )?address\b",
        rf"\b{_YOUR} (?:home|home ?town|house|street|village|commune|district|province|town|city|location|whereabouts"
        r"|neighbou?rhood|post ?code|zip(?: code)?)\b",
        r"\b(?:which|what) (?:house|street|village|commune|district|province|town|city|part of (?:the country"
        r"|cambodia))\b",
        rf"\b(?:which|what) (?:country|place|area|region) (?:do|are|r) {_YOU}\b",
        r"\b(?:post ?code|zip code|house number|home address|street address)\b",
        rf"{KHMER_YOU}\s*(?:កំពុង)?\s*(?:រស់នៅ|ស្នាក់នៅ|នៅ|មកពី)\s*(?:ឯ|ទី|ម្តុំ|ម្ដុំ|កន្លែង|ទីកន្លែង|ខេត្ត|ភូមិ"
        rf"|ស្រុក|ឃុំ|តំបន់|ផ្ទះ)?\s*ណា",
        rf"(?:អាសយដ្ឋាន|អាស័យដ្ឋាន|ទីលំនៅ|ទីកន្លែង|ផ្ទះ|ភូមិ|ឃុំ|ស្រុក|ខេត្ត|សង្កាត់|កន្លែងស្នាក់នៅ"
        rf"|កន្លែងរស់នៅ){_OF_YOU}",
        rf"(?:កន្លែង|ទី|ភូមិ|ខេត្ត)(?:ដែល)?\s*{KHMER_YOU}\s*(?:រស់|ស្នាក់)",
        rf"{KHMER_GIVE}(?:(?!{KHMER_GIVE}|ប៉ុន្តែ)[^។]){{0,20}}?(?:ទីលំនៅ|អាសយដ្ឋានផ្ទះ|ផ្ទះលេខ|លេខផ្ទះ|ស្រុកកំណើត)",
        r"(?:ភូមិ|ឃុំ|ស្រុក|ខេត្ត|សង្កាត់|ផ្ទះលេខ|ក្រុង)\s*(?:ណា|ប៉ុន្មាន|អ្វី)",
    ),
    Asked.ID: (
        r"\b(?:identity|identification|id|national id|student|citizen) (?:card|number|document|paper)s?\b",
        rf"\b(?:{_YOUR}|an|national) id\b",
        r"\bpassport\b",
        r"\bdriv(?:er'?s|ing) licen[cs]e\b",
        r"\bbirth certificate\b",
        r"\bfamily book\b",
        r"\b(?:proof of|prove|confirm|verify) (?:your )?identity\b",
        r"អត្តសញ្ញាណ(?:ប័ណ្ណ|បណ្ណ)?|លិខិតឆ្លងដែន|ប៉ាស្ព័រ|សំបុត្រកំណើត|សៀវភៅគ្រួសារ|សៀវភៅស្នាក់នៅ|ប័ណ្ណបើកបរ|កាតសិស្ស"
        r"|ប័ណ្ណសិស្ស",
    ),
    Asked.SCHOOL: (
        *_softly(Asked.SCHOOL),
        rf"\b{_YOUR} (?:school|class|classroom|grade|university|uni|teachers?|college|job|workplace|place of work"
        rf"|employer"
        r"|boss|profession|occupation)\b",
        rf"(?<!\bfor )(?<!\bin )(?<!\bat )\b{_YOUR} work\b",
        r"\b(?:which|what) (?:school|class|grade|university|college|company|factory)\b",
        rf"\bwhat year {_ARE_YOU} in\b",
        r"\bname of (?:the|your|his|her) (?:school|class|teacher|company)\b",
        rf"\bwhere {_DO} (?:{_YOU}|{_THEM}) (?:study|learn|work|teach|go to school|studying|working|at school)\b",
        rf"\bwhere {_YOU} (?:study|work|learn|go to school)\b",
        rf"\bwhat do {_YOU} do (?:for (?:a living|work)|at work)\b",
        rf"\bdo {_YOU} (?:still )?(?:go to|attend) (?:a |the )?(?:school|university|college)\b",
        rf"\b{_ARE_YOU} (?:still )?(?:a |an |in |at )?(?:student|pupil|school|teacher|worker)\b",
        rf"(?:សាលារៀន|សាលា|ថ្នាក់|គ្រូ|កន្លែងធ្វើការ|សាកលវិទ្យាល័យ|វិទ្យាល័យ|ការងារ|មុខរបរ){_OF_YOU}",
        rf"{KHMER_YOU}\s*(?:កំពុង)?\s*(?:រៀន|ធ្វើការ)\s*(?:នៅ)?\s*(?:ឯ|សាលា|ថ្នាក់ទី|ថ្នាក់|កន្លែង|វិទ្យាល័យ)?\s*(?:ណា"
        rf"|ប៉ុន្មាន|អ្វី)",
        rf"{KHMER_YOU}\s*ជា\s*(?:សិស្ស|និស្សិត|គ្រូ)",
        rf"{KHMER_GIVE}(?:(?!{KHMER_GIVE}|ប៉ុន្តែ)[^។]){{0,20}}?(?:សាលារៀន|សាលា|កន្លែងធ្វើការ|មុខរបរ)",
        r"(?:សាលា|សាលារៀន|វិទ្យាល័យ)\s*(?:ណា|អ្វី|ឈ្មោះអ្វី)|ថ្នាក់ទី\s*ប៉ុន្មាន|ធ្វើការងារ\s*(?:អ្វី|អី)"
        r"|មុខរបរ\s*(?:អ្វី|អី)",
    ),
    Asked.AGE: (
        *_softly(Asked.AGE),
        rf"\bhow old (?:is {_SOMEBODY}|{_THEM} (?:is|are|was|were))\b",
        rf"\bhow old (?:are {_YOU}|{_YOU}(?: are)?|r u|is (?:he|she)|are they)\b",
        rf"\b{_YOUR} (?:exact |own |current )?age\b",
        rf"\b(?:what|which) age {_ARE_YOU}\b",
        rf"\b{_YOUR} (?:date of |year of )?birth(?:day|date| ?date| year)?\b",
        r"\b(?:date|year) of birth\b",
        r"\b(?:when|(?:in )?(?:what|which) year) were (?:you|u) born\b",
        rf"\bwhen {_YOU} were born\b",
        r"\bhow many years old\b",
        rf"\b{_ARE_YOU} (?:already |still |at least |maybe )?(?:(?:a |an )?(?:child|adult|minor|teen(?:ager)?|kid"
        rf"|grown[ -]?up|boy|girl)\b"
        r"|under|over|above|below|older|younger|of (?:legal |full )?age|\d+)",
        rf"\bwhether {_YOU} are (?:under|over|above|below|older|younger|(?:a |an )?(?:child|adult|minor))\b",
        r"អាយុ\s*(?:ប៉ុន្មាន|ចំនួនប៉ុន្មាន)",
        rf"អាយុ{_OF_YOU}",
        rf"{KHMER_YOU}\s*(?:មាន)?\s*(?:អាយុ(?:\s*(?:ចំនួន)?ប៉ុន្មាន)?|គ្រប់អាយុ|គ្រប់\s*\d+)",
        rf"{KHMER_GIVE}(?:(?!{KHMER_GIVE}|ប៉ុន្តែ)[^។]){{0,20}}?អាយុ(?:{_OF_YOU})?",
        r"ថ្ងៃ\s*(?:ខែ\s*ឆ្នាំ)?\s*កំណើត|ឆ្នាំ\s*កំណើត|កើត\s*(?:នៅ)?\s*ឆ្នាំ\s*ណា",
        rf"{KHMER_YOU}\s*កើត\s*(?:នៅ)?\s*(?:ឆ្នាំ|ថ្ងៃ)",
        rf"{KHMER_YOU}\s*(?:នៅ)?\s*ជា\s*(?:កុមារ|ក្មេង|មនុស្សពេញវ័យ|អនីតិជន)",
    ),
    Asked.FILES: (
        *_softly(Asked.FILES),
        rf"\b{_HAND}{_ASIDE}{_BETWEEN}\b{PICTURES}\b{_NOT_TAKEN_DOWN}",
        rf"\b{_HAND}[^;]{{0,80}}?\b(?:and|plus|or|along with|together with|as well as) (?:also )?"
        rf"(?:a|an|some|your|any|maybe a) {PICTURES}\b",
        rf"\b{PICTURES}\b[^;]{{0,40}}?\b(?:send|share|attach|upload|forward|show|add|include|post|mail) (?:it|them|one"
        rf"|some|that)\b",
        rf"\b(?:have|got) {_YOU} (?:still |saved |taken |kept |got |made )*(?:any |a |an |some |the "
        rf"|more )?{PICTURES}\b",
        rf"\b(?:{_YOU} )?(?:do|did|don't|didn't|would|wouldn't|might|could|may) (?:{_YOU} )?(?:not )?(?:still "
        rf"|happen to )?(?:have|own|hold) (?:any |a |an |some |the |more )?{PICTURES}\b",
        rf"\b(?:can|could|may|might|let) (?:we|us|i|me) (?:please |also |maybe )?(?:see|have|look at|receive"
        rf"|view)\b{_BETWEEN}"
        rf"\b{PICTURES}\b",
        rf"\b(?:we|i)(?:'d| would| could| really| do| also| still)?(?: not)? (?:like|love|need|want|wish for|require"
        rf"|ask for)\b"
        rf"(?: to have a look at)?{_BETWEEN}\b{PICTURES}\b",
        rf"\b(?:(?:not|cannot|\w+n't) )?(?:mind|appreciate|(?:wait|hope|hoping|glad|happy) (?:to|for)(?: see| have"
        rf"| get)?)\b{_BETWEEN}\b{PICTURES}\b",
        rf"\b(?:do|manage|go on|work|help|act|continue|proceed)\b[^,;]{{0,20}} without (?:a |an |any |the "
        rf"|your )?{PICTURES}\b",
        rf"^ ?(?:any |a |an |some |the |your |more |maybe )*{PICTURES}(?:,? please)? ?$",
        rf"\b(?:a|an|any|your|some) {PICTURES} (?:of it )?(?:would|will|could|might|may) (?:help|be|make)\b",
        rf"\b(?:help|good|great|useful|nice)\b[^,;]{{0,25}} (?:see|have|get|look at)\b{_BETWEEN}\b{PICTURES}\b",
        r"\b(?:show|showing) (?:us|me) (?:what|it|them|that)\b",
        r"\blet (?:us|me) see\b",
        r"\bscreen ?shot (?:it|this|that|them|the|your)\b",
        r"\b(?:photograph|film|record) (?:your|the) (?:screen|phone|chat|page)\b",
        r"\bdownload(?:ing)? (?:it|them|the|that|this)\b",
        rf"{KHMER_HAND}(?:(?!{KHMER_HAND}|{_KHMER_PLACE})[^។]){{0,40}}?{KHMER_PICTURES}",
        rf"មាន\s*{KHMER_PICTURES}\s*(?:នោះ|ខ្លះ|ណា)?\s*(?:ដែរ)?\s*(?:ទេ|ឬ|អត់)",
        r"ទាញយក",
    ),
}
