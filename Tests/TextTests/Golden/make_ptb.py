"""Makes ptb.json with pycocoevalcap's tokenizer, which runs Stanford's CoreNLP 3.4.1 in Java: python make_ptb.py

Each line of the file is a caption and what it is tokenized to. All captions are made up here. Between two captions
stands a line "x", for the Java program looks beyond the end of a line, and what it finds there must not matter.
"""

import json
import random
from pathlib import Path

from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

SENTENCES = """
A man (in a red hat) rides his horse.
Two dogs' owners aren't sure who'd win; they've said it's "fun"!
It’s a ‘quoted’ “thing” – isn’t it? — yes…
She can't, won't, shan't and couldn't've; they'll, we'd, I'm.
CAN'T WON'T DON'T IT'S DOGS' HE'LL
we cannot go, so lemme see: gonna, wanna, gotta, gimme
'tis the season and 'twas the night
rock'n'roll and rock 'n' roll, ma'am, o'clock, y'all, ol' boy, d'Artagnan, O'Neill's
c'mon, 'em, 'till, 'cause, somethin', nor'easter, s'mores, li'l ones
in the '80s, the 90's, the 1980s and ’68
Mr. and Mrs. Smith met Dr. Jones on St. Mary's Ave. at 5 p.m. sharp.
the U.S. team, the u.k. team, e.g. this, i.e. that, etc. and so on
Inc. and Co. and Corp. in Jan. and on Mon. with no. 5, fig. 3, pp. 7
no. not that one, fig. leaves, art. is long
a sign says No.1
J. R. Tolkien and John F. Kennedy. The end of plan B. The plan of team A.
Ph.D. students, B.A. students, Bros. of Calif. and N.Y.
a dog.A cat.the end
1,000 and 1,000.50 and 3.14 and .5 and -5 and +7 and 12:30 and 5th
1/2 and 2 1/2 and 3/4 cup, ½ and 2½ cups, ⅓, ¼
10/12/2014 and 10-12-14 and 2014-10-12
$5 and $5.50 and US$ 5 and £10 and €20 and ¥30 and 5¢ and 100%
call 555-1234 or (555) 555-1234 or 555.555.1234 or +1 555 555 1234
#1 #dog @handle @ home # 5 *star* _under_ hi_there
A&P, AT&T, R&B, black & white, black&white, Q&amp;A, fish &amp; chips
&lt;b&gt; &quot;hi&quot; it&apos;s caf&eacute; &mdash; &#39; &nbsp;
T-shirt, t-shirt, co-ed, black-and-white, 5-year-old, x-ray, re-do, anti-war, -ish, pre-
- -- --- ---- ----- – — ―
. .. ... .... ..... . . . ! ? !? ?! !!! , ; : … ¡ ¿
" '' ` `` ' “” ‘’ «» „“ `' ’’
( ) [ ] { } < > << >> (( )) [sic] {x}
<b>bold</b> <br/> <a href="x y">link</a> <!-- no --> < b > <3 x<y
and/or, he/she, w/o, 24/7, a / b, a\\b, a | b, ~ ^ = == + ++ += * ** %
http://www.example.com/a_b?c=d&e=f, https://x.org. www.example.com example.com/path. ftp://x.y
me@example.com, first.last@mail.example.co.uk; <me@example.com>
a.jpg, photo.JPG. data.tar.gz notes.txt? C++ C# F# c++ .net
:) :-) ;) :( :D <3 =) ^_^ -_- :-( ): (:
café naïve résumé Zürich señor smörgåsbord Ærø
日本の犬 Собака كلب कुत्ता 狗。 犬、猫
😀 a dog 👨‍👩‍👧 🇺🇸 ☺ ★ ♥ ♪ ✓ dog🐶cat
70°F 5² m³ H₂O x⁻¹ ™ © ® § ¶ • † µ ± × ÷ ≠ → ∞ ∀
soft\u00adhyphen \u00ad zero\u200bwidth nb\u00a0space thin\u2009space \u3000wide e\u0301
ﬁne Ⅷ ℃ ﹏ ！ ？ （ ）
the colour of the grey theatre centre, vapour, neighbours
 leading and trailing 
two  blanks	and	tabs
A.B.C. a.b.c a.b a. b
wi-fi. wi-fi, end. end, U.S., etc., a., A&B., x-y.z.
""".strip("\n").split("\n")

WORDS = """a dog's don't U.S. Mr. no. co-ed 1/2 $5 it’s “hi” ' " , . - ( ) & &amp; / 3.5 5th @x #y a.m. St. 'em ...
... ! ? : ; rock'n'roll cannot <b> :) *** _ x@y.com www.x.com 10/12/14 90's '90s é 犬 😀 T-shirt A&P C# ½ n't 's""".split()


def main():
    random.seed(20)
    glued = [
        "".join(random.choice(WORDS) + random.choice(["", "", " "]) for _ in range(random.randint(2, 7)))
        for _ in range(200)
    ]
    signs = "abAB1. ,'’\"-/&;:!?()[]<>@#$%*_=+~^|\\`0é…½£"
    noise = ["".join(random.choice(signs) for _ in range(random.randint(2, 16))) for _ in range(150)]
    captions = list(dict.fromkeys(SENTENCES + glued + noise))
    lines = [line for caption in captions for line in (caption, "x")]
    tokenized = PTBTokenizer().tokenize({"": [{"caption": line} for line in lines]})[""][::2]
    assert len(tokenized) == len(captions)
    rows = [json.dumps(row, ensure_ascii=False) for row in zip(captions, tokenized)]
    path = Path(__file__).with_name("ptb.json")
    path.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
