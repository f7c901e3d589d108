/// The forms in which images of a store are written for other programs.
public enum ExportFormat: String, CaseIterable, Sendable {
  /// ClipCap's pickle: embeddings and captions.
  case clipCap = "clipcap"
  /// numpy's archive: embeddings and image ids.
  case npz
  /// COCO's JSON: captions.
  case coco
  /// The JSON of Karpathy's splits: captions and splits.
  case karpathy

  /// The form that a file's name tells: `.pkl`, `.npz`, `dataset_*.json` (Karpathy's) or another `.json`
  /// (COCO's); nil for any other.
  public init?(path: String) {
    let name = path.lastPathComponent
    if name.hasSuffix(".pkl") {
      self = .clipCap
    } else if name.hasSuffix(".npz") {
      self = .npz
    } else if name.hasSuffix(".json") {
      self = name.hasPrefix("dataset_") ? .karpathy : .coco
    } else {
      return nil
    }
  }
}
