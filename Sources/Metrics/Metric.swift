/// What captions are scored by, under the names that COCO's evaluation prints.
public enum Metric: String, CaseIterable, Sendable {
  case bleu1 = "Bleu_1"
  case bleu2 = "Bleu_2"
  case bleu3 = "Bleu_3"
  case bleu4 = "Bleu_4"
  case meteor = "METEOR"
  case rougeL = "ROUGE_L"
  /// CIDEr-D, as COCO's evaluation calls it.
  case cider = "CIDEr"
  /// CIDEr as first defined, without clipping and length penalty.
  case plainCIDEr = "CIDEr_plain"
  case spice = "SPICE"

  /// The longest n-grams of a BLEU; nil for other metrics.
  var bleuOrder: Int? {
    switch self {
    case .bleu1: 1
    case .bleu2: 2
    case .bleu3: 3
    case .bleu4: 4
    default: nil
    }
  }
}
