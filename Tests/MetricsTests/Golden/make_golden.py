"""Makes scores.json with pycocoevalcap's own scorers: python make_golden.py

The captions are made up here, already tokenized; some are empty, repeat words, or hold a no-break space, as tokens
of PTB may. METEOR needs Java. The scores of images stand in the order of their ids as text.
"""

import copy
import json
import random
from pathlib import Path

import numpy as np
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.cider.cider_scorer import CiderScorer
from pycocoevalcap.meteor.meteor import Meteor
from pycocoevalcap.rouge.rouge import Rouge

SUBJECTS = "a dog|two dogs|the man in red|a woman|some children|a b-52|a café owner|the the the".split("|")
VERBS = "runs|is running|jumps over a log|rides a bike|plays|sits 's|does n't sit|looks".split("|")
PLACES = "on the grass|in snow|at the beach|on a red couch|near 2\u00a01/2 trees|in front of a|".split("|")


def caption():
    return " ".join(filter(None, map(random.choice, (SUBJECTS, VERBS, PLACES))))


class PlainCider(CiderScorer):
    """CIDEr as first defined (Vedantam et al. 2015, section 3): CIDEr-D without clipping and length penalty."""

    def compute_cider(self):
        self.ref_len = np.log(float(len(self.crefs)))

        def vectors(counts):
            result = [{} for _ in range(self.n)]
            for ngram, count in counts.items():
                weight = self.ref_len - np.log(max(1.0, self.document_frequency[ngram]))
                result[len(ngram) - 1][ngram] = count * weight
            return result

        def cosine(a, b):
            norm = np.sqrt(sum(x * x for x in a.values()) * sum(x * x for x in b.values()))
            return sum(x * b.get(ngram, 0.0) for ngram, x in a.items()) / norm if norm else 0.0

        scores = []
        for test, refs in zip(self.ctest, self.crefs):
            test = vectors(test)
            each = [np.mean([cosine(a, b) for a, b in zip(test, vectors(ref))]) for ref in refs]
            scores.append(10.0 * np.mean(each))
        return scores


def corpus(images):
    references, candidates = {}, {}
    for image in range(images):
        captions = [caption() for _ in range(random.randint(1, 5))]
        references[str(image)] = captions
        candidates[str(image)] = [random.choice([caption(), caption(), random.choice(captions)])]
    return references, candidates


def scored(references, candidates, meteor=None):
    order = sorted(references)
    references = {key: references[key] for key in order}
    candidates = {key: candidates[key] for key in order}
    total, each = {}, {}
    bleu, bleus = Bleu(4).compute_score(references, candidates, verbose=0)
    for n in range(4):
        total[f"Bleu_{n + 1}"], each[f"Bleu_{n + 1}"] = bleu[n], bleus[n]
    total["ROUGE_L"], each["ROUGE_L"] = Rouge().compute_score(references, candidates)
    total["CIDEr"], each["CIDEr"] = Cider().compute_score(references, candidates)
    plain = PlainCider()
    for key in order:
        plain += (candidates[key][0], references[key])
    total["CIDEr_plain"], each["CIDEr_plain"] = plain.compute_score()
    if meteor:
        total["METEOR"], each["METEOR"] = meteor.compute_score(references, candidates)
    return {
        "candidates": {key: value[0] for key, value in candidates.items()},
        "references": references,
        "corpus": {key: float(value) for key, value in total.items()},
        "images": {key: [float(x) for x in value] for key, value in each.items()},
    }


def main():
    random.seed(4)
    references, candidates = corpus(40)
    strange, answers = copy.deepcopy(references), copy.deepcopy(candidates)
    answers["3"], answers["4"], answers["5"] = [""], ["a"], ["the the the the the the the"]
    strange["6"], strange["7"] = [""], ["a  dog", " a dog "]
    cases = {
        "captions": scored(references, candidates, Meteor()),
        "strange": scored(strange, answers),
        "short": scored({str(i): ["a dog runs"] for i in range(3)}, {str(i): ["a dog"] for i in range(3)}),
        "one": scored({"1": ["a dog runs on the grass"]}, {"1": ["a dog runs on the grass"]}),
    }
    lines = [f"{json.dumps(name)}: {json.dumps(case, ensure_ascii=False)}" for name, case in cases.items()]
    Path(__file__).with_name("scores.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
