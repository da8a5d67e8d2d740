"""Tables of what the signs and words of mathematical notation are called. Data only.

Sources: the LaTeX and amsmath command lists, Unicode names, and the words that derivations of gradients
use for their functions and losses.
"""

# ruff: noqa: SIM905  (a line of words split at spaces is read faster than a column of quotes)

from __future__ import annotations

GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi "
    "pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi "
    "Sigma Upsilon Phi Psi Omega ell infty hbar imath jmath emptyset varnothing aleph Re Im top bot intercal "
    "dagger ddagger star ast prime square Box blacksquare bullet circ angle perp natural sharp flat wp".split()
)
"""Commands that stand for one letter or mark and keep their command in print."""

ACCENTS = {
    "\\hat": "hat", "\\widehat": "hat", "\\tilde": "tilde", "\\widetilde": "tilde", "\\bar": "bar",
    "\\overline": "bar", "\\vec": "vec", "\\overrightarrow": "vec", "\\dot": "dot", "\\ddot": "ddot",
    "\\check": "check", "\\breve": "breve", "\\acute": "acute", "\\grave": "grave", "\\mathring": "ring",
}  # fmt: skip
ACCENT_COMMANDS = {
    "hat": "\\hat", "tilde": "\\tilde", "bar": "\\bar", "vec": "\\vec", "dot": "\\dot", "ddot": "\\ddot",
    "check": "\\check", "breve": "\\breve", "acute": "\\acute", "grave": "\\grave", "ring": "\\mathring",
}  # fmt: skip
COMBINING = {
    "\u0300": "\\grave", "\u0301": "\\acute", "\u0302": "\\hat", "\u0303": "\\tilde", "\u0304": "\\bar",
    "\u0305": "\\bar", "\u0307": "\\dot", "\u0308": "\\ddot", "\u030a": "\\mathring", "\u030c": "\\check",
    "\u20d7": "\\vec",
}  # fmt: skip

STYLES = {
    "\\mathbf": "bold", "\\bm": "bold", "\\boldsymbol": "bold", "\\pmb": "bold", "\\bold": "bold",
    "\\symbf": "bold", "\\mathbfit": "bold", "\\mathbb": "blackboard", "\\mathds": "blackboard",
    "\\mathbbm": "blackboard", "\\Bbb": "blackboard", "\\mathcal": "calligraphic", "\\mathscr": "calligraphic",
    "\\mathfrak": "fraktur", "\\mathit": "italic", "\\mathrm": "roman", "\\mathsf": "sans",
    "\\mathtt": "typewriter", "\\mathnormal": "normal", "\\operatorname": "roman", "\\operatorname*": "roman",
    "\\symup": "roman", "\\mathop": "", "\\mathrel": "", "\\mathbin": "", "\\mathord": "", "\\mathopen": "",
    "\\mathclose": "", "\\ensuremath": "", "\\mathinner": "", "\\smash": "", "\\mathstrut": "",
}  # fmt: skip
STYLE_SWITCHES = {
    "\\bf": "bold", "\\bfseries": "bold", "\\boldmath": "bold", "\\rm": "roman", "\\it": "italic",
    "\\cal": "calligraphic", "\\sf": "sans", "\\tt": "typewriter", "\\mit": "italic", "\\em": "italic",
}  # fmt: skip
STYLE_COMMANDS = {
    "bold": "\\mathbf", "blackboard": "\\mathbb", "calligraphic": "\\mathcal", "fraktur": "\\mathfrak",
    "italic": "\\mathit", "roman": "\\mathrm", "sans": "\\mathsf", "typewriter": "\\mathtt",
    "normal": "\\mathnormal", "text": "\\text",
}  # fmt: skip

WORD_STYLES = {
    "\\mathrm": "roman", "\\operatorname": "roman", "\\operatorname*": "roman", "\\mathit": "italic",
    "\\mathsf": "sans", "\\mathtt": "typewriter", "\\mathbf": "bold", "\\mathcal": "calligraphic",
    "\\bm": "bold", "\\boldsymbol": "bold", "\\mathop": "roman", "\\mathnormal": "normal", "\\symup": "roman",
}  # fmt: skip
"""Commands whose argument is one name when it is nothing but a word."""

TEXT_COMMANDS = frozenset(
    "\\text \\textrm \\textit \\textbf \\textsf \\texttt \\textnormal \\textsc \\textup \\textmd \\mbox \\hbox "
    "\\emph \\intertext \\shortintertext \\textsl".split()
)

RELATIONS = {
    "=": "=", "==": "=", "\\equiv": "\\equiv", "\\approx": "\\approx", "\\simeq": "\\approx", "\\cong": "\\equiv",
    "\\sim": "\\sim", "\\propto": "\\propto", "\\in": "\\in", "\\notin": "\\notin", "\\ni": "\\ni",
    "<": "<", ">": ">", "\\lt": "<", "\\gt": ">", "\\le": "\\le", "\\leq": "\\le", "\\leqslant": "\\le",
    "\\leqq": "\\le", "<=": "\\le", "\\ge": "\\ge", "\\geq": "\\ge", "\\geqslant": "\\ge", "\\geqq": "\\ge",
    ">=": "\\ge", "\\ne": "\\ne", "\\neq": "\\ne", "!=": "\\ne", ":=": ":=", "\\coloneqq": ":=",
    "\\coloneq": ":=", "\\triangleq": ":=", "\\doteq": ":=", "\\stackrel{def}{=}": ":=", "\\to": "\\to",
    "->": "\\to", "\\mapsto": "\\mapsto", "\\longmapsto": "\\mapsto", "\\gets": "\\gets",
    "\\leftarrow": "\\gets", "\\ll": "\\ll", "\\gg": "\\gg", "\\subset": "\\subset",
    "\\subseteq": "\\subseteq", "\\supset": "\\supset", "\\supseteq": "\\supseteq", "\\lesssim": "\\le",
    "\\gtrsim": "\\ge", "\\perp": "\\perp", "\\asymp": "\\approx", "\\defeq": ":=", "\\eqdef": ":=",
}  # fmt: skip
NEGATED = {"=": "\\ne", "\\in": "\\notin", "\\equiv": "\\ne", "<": "\\ge", ">": "\\le"}

CONNECTORS = {
    "\\Rightarrow": "\\Rightarrow", "\\implies": "\\Rightarrow", "\\Longrightarrow": "\\Rightarrow",
    "=>": "\\Rightarrow", "==>": "\\Rightarrow", "\\therefore": "\\therefore", "\\because": "\\because",
    "\\iff": "\\iff", "\\Leftrightarrow": "\\iff", "\\Longleftrightarrow": "\\iff", "<=>": "\\iff",
    "\\rightarrow": "\\Rightarrow", "\\longrightarrow": "\\Rightarrow", "\\leadsto": "\\Rightarrow",
    "\\rightsquigarrow": "\\Rightarrow", "\\Leftarrow": "\\Leftarrow", "\\impliedby": "\\Leftarrow",
    "\\hookrightarrow": "\\Rightarrow", "\\land": "and", "\\wedge": "and", "\\lor": "or", "\\vee": "or",
    "\\curvearrowright": "\\Rightarrow", "\\Downarrow": "\\Rightarrow", "\\downarrow": "\\Rightarrow",
}  # fmt: skip

SUMS = {
    "+": "+", "-": "-", "\\pm": "\\pm", "\\mp": "\\mp", "\\oplus": "\\oplus", "\\ominus": "\\ominus",
    "\\cup": "\\cup", "\\cap": "\\cap", "\\setminus": "\\setminus", "\\backslash": "\\setminus",
}  # fmt: skip
PRODUCTS = {
    "\\cdot": "\\cdot", "\\times": "\\times", "*": "*", "\\ast": "*", "/": "/", "\\div": "/", "\\circ": "\\circ",
    "\\odot": "\\odot", "\\otimes": "\\otimes", "\\bullet": "\\cdot", "\\star": "\\star", "@": "@",
    "\\bigodot": "\\odot", "\\bigotimes": "\\otimes", "\\bmod": "\\bmod", "\\centerdot": "\\cdot",
    "\\oslash": "\\oslash", "\\diamond": "\\odot", "\\cdotp": "\\cdot", "\\slash": "/", ".": ".",
}  # fmt: skip

BIG_OPERATORS = {
    "\\sum": "\\sum", "\\prod": "\\prod", "\\int": "\\int", "\\oint": "\\int", "\\iint": "\\int",
    "\\bigcup": "\\bigcup", "\\bigcap": "\\bigcap", "\\bigoplus": "\\bigoplus", "\\coprod": "\\coprod",
    "\\bigvee": "\\bigvee", "\\bigwedge": "\\bigwedge",
}  # fmt: skip

DOTS = {
    "\\dots": "dots", "\\ldots": "dots", "\\dotsc": "dots", "\\dotsb": "cdots", "\\dotsm": "cdots",
    "\\dotsi": "cdots", "\\dotso": "dots", "\\cdots": "cdots", "\\vdots": "vdots", "\\ddots": "ddots",
    "...": "dots", "..": "dots", "\\hdots": "dots", "\\iddots": "ddots", "\\adots": "ddots",
    "\\textellipsis": "dots", "\\mathellipsis": "dots", "\\hdotsfor": "dots",
}  # fmt: skip

PREFIX_FUNCTIONS = frozenset(
    "log ln lg exp sin cos tan cot sec csc tanh sinh cosh coth arcsin arccos arctan arg det tr Tr trace "
    "max min sup inf lim argmax argmin diag sign sgn limsup liminf dim ker gcd hom deg rank vec logit".split()
)
"""Functions that may stand before a bare operand: `\\log x`, `\\tr A`."""

FUNCTION_COMMANDS = PREFIX_FUNCTIONS | frozenset("Pr softmax sigmoid relu ReLU Softmax Sigmoid".split())
"""Commands that stand for an upright word."""

LETTER_FUNCTIONS = frozenset({"sigma", "varsigma"})
"""Letters that are functions whenever a bracket follows."""

WORDS = frozenset(
    "log ln lg exp sin cos tan tanh sinh cosh max min argmax argmin arg softmax Softmax sigmoid Sigmoid softplus "
    "relu ReLU Relu LeakyReLU leakyReLU elu ELU tr Tr trace diag Diag vec Vec rank det dim Dim sign sgn sup inf "
    "CE BCE MSE KL NLL NS SG BOW CBOW Var Cov Std std erf Ker ker span concat onehot one hot logit logits "
    "Vocab vocab vocabulary Loss loss cost Cost grad Grad div Pr in out hid hidden input output pred true neg pos "
    "sample samples word Word words Word skip gram naive prev next new old reg tot total batch train test Dx Dy "
    "Dim dim mean avg norm lim const len emb ctx bias loss proj ns sg ce".split()
)
"""Words known to be one name when typed without a command; other short runs of letters are products."""

SCRIPT_WORDS = frozenset("in out hid hidden txt img src tgt ref est obs emp opt old new pre post gt ctx".split())
"""Words known to be one name in a subscript."""

CONDITION_WORDS = frozenset(
    "if for when whenever forall otherwise else where unless given assuming provided while such with".split()
)
"""First words of a text that make it a condition."""

BARE_WORDS = frozenset(
    "if for all when otherwise else where because since and or so then hence thus with let any each every the "
    "therefore is are we that this from by as other to be have not of".split()
)
"""Words typed without `\\text` that are language, not letters multiplied."""

CONNECTIVES = {
    "so": "so", "thus": "so", "hence": "so", "therefore": "so", "then": "so", "and": "and", "or": "or",
    "because": "because", "since": "because", "as": "because", "i.e.": "so", "ie": "so", "that is": "so",
    "&": "and", "also": "and", "but": "and", "we have": "so", "we get": "so", "with": "where",
    "finally": "so", "or equivalently": "so", "equivalently": "so", "or more generally": "so", "which is": "so",
    "so that": "so", "and so": "so", "and thus": "so", "and hence": "so", "where": "where", "implies": "so",
    "let": "let", "from": "because", "by": "because", "given": "where", "note that": "and", "now": "and",
}  # fmt: skip
"""Texts that join statements, and how."""

OPENING = {
    "(": "(", "[": "[", "\\{": "\\{", "\\lbrace": "\\{", "\\lbrack": "[", "\\langle": "<", "\\lfloor": "lfloor",
    "\\lceil": "lceil", "\\lvert": "|", "\\lVert": "||", "\\llbracket": "[[",
}  # fmt: skip
CLOSING = {
    ")": "(", "]": "[", "\\}": "\\{", "\\rbrace": "\\{", "\\rbrack": "[", "\\rangle": "<", "\\rfloor": "lfloor",
    "\\rceil": "lceil", "\\rvert": "|", "\\rVert": "||", "\\rrbracket": "[[",
}  # fmt: skip
OPEN_PRINT = {"(": "(", "[": "[", "\\{": "\\{", "<": "\\langle ", "lfloor": "\\lfloor ", "lceil": "\\lceil ",
              "|": "|", "||": "\\|", "[[": "\\llbracket ", ".": ".", "{": "{"}  # fmt: skip
CLOSE_PRINT = {"(": ")", "[": "]", "\\{": "\\}", "<": "\\rangle ", "lfloor": "\\rfloor ", "lceil": "\\rceil ",
               "|": "|", "||": "\\|", "[[": "\\rrbracket ", ".": ".", "{": "}"}  # fmt: skip

ROW_ENVIRONMENTS = frozenset(
    "align align* aligned alignat alignat* alignedat flalign flalign* eqnarray eqnarray* gather gather* gathered "
    "multline multline* split equation equation* displaymath math dmath dmath* IEEEeqnarray IEEEeqnarray* "
    "subequations multlined dgroup dgroup* empheq".split()
)
"""Environments whose lines are rows of their own."""

TABLE_ENVIRONMENTS = frozenset(
    "matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix matrix* pmatrix* bmatrix* array cases dcases "
    "rcases cases* dcases* numcases aligned split gathered alignedat substack subarray tabular align align*".split()
)
"""Environments that can stand inside an expression."""

COLUMN_ARGUMENT = frozenset("array alignat alignat* alignedat IEEEeqnarray IEEEeqnarray* subarray tabular".split())
"""Environments with an argument after their name."""

MATH_ENVIRONMENTS = frozenset(
    "align align* alignat alignat* flalign flalign* eqnarray eqnarray* gather gather* multline multline* equation "
    "equation* displaymath math dmath dmath* IEEEeqnarray IEEEeqnarray* aligned split gathered cases "
    "subequations empheq".split()
)
"""Environments that start mathematics in a document."""

IGNORED = frozenset(
    "\\displaystyle \\textstyle \\scriptstyle \\scriptscriptstyle \\limits \\nolimits \\nonumber \\notag "
    "\\noindent \\hfill \\hfil \\centering \\allowdisplaybreaks \\strut \\mathstrut \\relax \\protect \\null "
    "\\smallskip \\medskip \\bigskip \\newpage \\pagebreak \\par \\big \\Big \\bigg \\Bigg \\bigl \\Bigl \\biggl "
    "\\Biggl \\bigr \\Bigr \\biggr \\Biggr \\bigm \\Bigm \\biggm \\Biggm \\middle \\hline \\displaylimits "
    "\\small \\normalsize \\large \\Large \\LARGE \\footnotesize \\scriptsize \\tiny \\huge \\Huge \\tt "
    "\\nobreak \\break \\normalfont \\unboldmath \\leavevmode \\ignorespaces \\raggedright \\quote \\toprule "
    "\\bottomrule \\midrule \\vfill \\ast@ \\nolinebreak \\xspace \\maketitle \\qedhere \\nonumber".split()
)
"""Commands that change looks only; they are consumed and leave nothing."""

IGNORED_WITH_ARGUMENT = frozenset(
    "\\label \\vspace \\vspace* \\color \\phantom \\hphantom \\vphantom \\cite \\setlength \\hdotsfor \\vskip "
    "\\mathchoice \\cline \\pagestyle \\renewcommand@ \\raisebox@ \\addtocounter \\setcounter \\arraystretch".split()
)
"""Like `IGNORED`, each with one argument in braces that goes with it."""

SMALL_SPACES = frozenset(["\\,", "\\:", "\\;", "\\!", "\\ ", "\\>", "\\thinspace", "\\medspace", "\\thickspace",
                          "\\negthinspace", "\\space", "\\enspace", "\\nobreakspace", "\\/", "\\-"])  # fmt: skip
WIDE_SPACES = frozenset(["\\quad", "\\qquad", "\\hspace", "\\hspace*", "\\hskip", "\\mspace", "\\kern", "\\mkern",
                         "\\qqquad", "\\enskip"])  # fmt: skip

CHECK_MARKS = frozenset("\\checkmark \\square \\blacksquare \\Box \\qed \\QED \\surd \\bigstar \\cmark".split())

WRAPPERS = {
    "\\boxed": "boxed", "\\fbox": "boxed", "\\framebox": "boxed", "\\cancel": "cancel", "\\bcancel": "cancel",
    "\\xcancel": "cancel", "\\cancelto": "cancel", "\\underline": "underline", "\\uline": "underline",
    "\\textcolor": "color", "\\colorbox": "color", "\\fcolorbox": "color", "\\bbox": "boxed", "\\not@": "not",
    "\\textcircled": "circled", "\\circled": "circled", "\\circlearound": "circled", "\\sout": "cancel",
    "\\st": "cancel", "\\mathclap": "clap", "\\mathllap": "clap", "\\mathrlap": "clap", "\\hl": "color",
    "\\tcboxmath": "boxed", "\\Aboxed": "boxed", "\\overbracket": "overbrace", "\\underbracket": "underbrace",
    "\\underbrace": "underbrace", "\\overbrace": "overbrace",
}  # fmt: skip

FALLBACK_MACROS = {
    "\\R": (0, "\\mathbb{R}"), "\\N": (0, "\\mathbb{N}"), "\\Z": (0, "\\mathbb{Z}"), "\\C": (0, "\\mathbb{C}"),
    "\\E": (0, "\\mathbb{E}"), "\\RR": (0, "\\mathbb{R}"), "\\EE": (0, "\\mathbb{E}"),
    "\\norm": (1, "\\lVert #1\\rVert "), "\\abs": (1, "\\lvert #1\\rvert "),
    "\\pdv": (2, "\\frac{\\partial #1}{\\partial #2}"), "\\dv": (2, "\\frac{d #1}{d #2}"),
    "\\pd": (2, "\\frac{\\partial #1}{\\partial #2}"), "\\pder": (2, "\\frac{\\partial #1}{\\partial #2}"),
    "\\pdiff": (2, "\\frac{\\partial #1}{\\partial #2}"), "\\grad": (0, "\\nabla "),
    "\\argmax": (0, "\\operatorname{argmax}"), "\\argmin": (0, "\\operatorname{argmin}"),
    "\\diag": (0, "\\operatorname{diag}"), "\\tr": (0, "\\operatorname{tr}"), "\\Tr": (0, "\\operatorname{Tr}"),
    "\\trace": (0, "\\operatorname{trace}"), "\\softmax": (0, "\\operatorname{softmax}"),
    "\\sigmoid": (0, "\\operatorname{sigmoid}"), "\\sign": (0, "\\operatorname{sign}"),
    "\\sgn": (0, "\\operatorname{sgn}"), "\\vect": (1, "\\vec{#1}"), "\\mat": (1, "\\mathbf{#1}"),
    "\\bs": (1, "\\boldsymbol{#1}"), "\\mb": (1, "\\mathbf{#1}"), "\\vb": (1, "\\mathbf{#1}"),
    "\\va": (1, "\\mathbf{#1}"), "\\relu": (0, "\\operatorname{ReLU}"), "\\ReLU": (0, "\\operatorname{ReLU}"),
    "\\Var": (0, "\\operatorname{Var}"), "\\Cov": (0, "\\operatorname{Cov}"), "\\KL": (0, "\\operatorname{KL}"),
    "\\dd": (0, "\\mathrm{d}"), "\\diff": (0, "\\mathrm{d}"), "\\transpose": (0, "\\top "),
    "\\trans": (0, "\\top "), "\\Softmax": (0, "\\operatorname{Softmax}"),
    "\\Sigmoid": (0, "\\operatorname{Sigmoid}"), "\\ind": (0, "\\mathbb{1}"), "\\indicator": (0, "\\mathbb{1}"),
    "\\1": (0, "\\mathbb{1}"), "\\bigO": (0, "O"), "\\loss": (0, "\\operatorname{loss}"), "\\inv": (0, "^{-1}"),
}  # fmt: skip
"""What commands that no package of LaTeX itself defines mean almost everywhere; used if a document does not say."""

UNICODE = {
    "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\uff0d": "-",
    "\u00b7": "\\cdot ", "\u22c5": "\\cdot ", "\u2219": "\\cdot ", "\u2022": "\\cdot ", "\u00d7": "\\times ",
    "\u2217": "*", "\u2218": "\\circ ", "\u2299": "\\odot ", "\u2297": "\\otimes ", "\u2295": "\\oplus ",
    "\u00f7": "/", "\u2215": "/", "\u2044": "/", "\u00b1": "\\pm ", "\u2202": "\\partial ", "\u2207": "\\nabla ",
    "\u2211": "\\sum ", "\u220f": "\\prod ", "\u222b": "\\int ", "\u221a": "\\sqrt ", "\u221e": "\\infty ",
    "\u2208": "\\in ", "\u2209": "\\notin ", "\u2260": "\\ne ", "\u2264": "\\le ", "\u2265": "\\ge ",
    "\u2248": "\\approx ", "\u2261": "\\equiv ", "\u221d": "\\propto ", "\u223c": "\\sim ", "\u2192": "\\to ",
    "\u21d2": "\\Rightarrow ", "\u27f9": "\\Rightarrow ", "\u21d4": "\\iff ", "\u2234": "\\therefore ",
    "\u2235": "\\because ", "\u2200": "\\forall ", "\u2203": "\\exists ", "\u2026": "\\dots ", "\u22ef": "\\cdots ",
    "\u22ee": "\\vdots ", "\u22f1": "\\ddots ", "\u2016": "\\|", "\u2225": "\\|", "\u2223": "|", "\u2032": "'",
    "\u2033": "''", "\u2019": "'", "\u2018": "'", "\u2713": "\\checkmark ", "\u2714": "\\checkmark ",
    "\u2265\ufe00": "\\ge ", "\u211d": "\\mathbb{R}", "\u1d40": "^{T}", "\u22a4": "\\top ", "\u27e8": "\\langle ",
    "\u27e9": "\\rangle ", "\u00b2": "^{2}", "\u00b3": "^{3}", "\u00b9": "^{1}", "\u2070": "^{0}", "\u207b": "^{-}",
    "\u2080": "_{0}", "\u2081": "_{1}", "\u2082": "_{2}", "\u2083": "_{3}", "\u2084": "_{4}", "\u2113": "\\ell ",
    "\uff08": "(", "\uff09": ")", "\uff0c": ",", "\uff1d": "=", "\uff1a": ":", "\uff1b": ";", "\u3002": ".",
    "\u2254": ":=", "\u225c": "\\triangleq ", "\u222a": "\\cup ", "\u2229": "\\cap ", "\u2282": "\\subset ",
    "\u2286": "\\subseteq ", "\u226a": "\\ll ", "\u226b": "\\gg ", "\u21a6": "\\mapsto ", "\u2190": "\\gets ",
    "\u25a1": "\\square ", "\u25a0": "\\blacksquare ", "\u220e": "\\blacksquare ", "\u1d62": "_{i}",
    "\u2c7c": "_{j}", "\u2096": "_{k}", "\u2099": "_{n}", "\u209c": "_{t}", "\u2071": "^{i}", "\u207f": "^{n}",
    "\u22a5": "\\perp ", "\u2309": "\\rceil ", "\u2308": "\\lceil ", "\u230b": "\\rfloor ", "\u230a": "\\lfloor ",
}  # fmt: skip
"""Single characters and the LaTeX they stand for."""

GREEK_LETTERS = dict(
    zip(
        "αβγδεζηθικλμνξπρςστυφχψωΓΔΘΛΞΠΣΥΦΨΩϵϑϕϱ",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho varsigma sigma tau "
        "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega epsilon vartheta "
        "phi varrho".split(),
        strict=True,
    )
)
INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u2061\u2062\u2063\u2064\ufe0e\ufe0f")
"""Characters that show nothing and mean nothing."""
