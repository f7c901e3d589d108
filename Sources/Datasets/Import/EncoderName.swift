/// One name for an encoder, however people spell it.
public enum EncoderName {
  /// OpenAI's own names of its CLIP models, by their letters and digits.
  private static let known = [
    "rn50": "RN50", "rn101": "RN101", "rn50x4": "RN50x4", "rn50x16": "RN50x16", "rn50x64": "RN50x64",
    "vitb32": "ViT-B/32", "vitb16": "ViT-B/16", "vitl14": "ViT-L/14",
    "vitl14336": "ViT-L/14@336px", "vitl14336px": "ViT-L/14@336px",
  ]

  /// Hugging Face's, which other vision transformers have as well where CLIP is not named.
  private static let knownWithCLIP = [
    "vitbasepatch32": "ViT-B/32", "vitbasepatch16": "ViT-B/16", "vitlargepatch14": "ViT-L/14",
    "vitlargepatch14336": "ViT-L/14@336px",
  ]

  /// `ViT-B/32` for ClipCap's `ViT-B_32`, open_clip's `ViT-B-32` and `ViT-B-32-quickgelu`, Hugging Face's
  /// `openai/clip-vit-base-patch32`, and so for OpenAI's other models. A name that is none of theirs stays as it is, so that
  /// what the same network has learned from other pictures (`laion/CLIP-ViT-B-32-laion2B-s34B-b79K`) is not taken for it.
  public static func canonical(_ name: String) -> String {
    let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
    let key = words.filter { !["openai", "clip", "quickgelu"].contains($0) }.joined()
    return known[key] ?? (words.contains("clip") ? knownWithCLIP[key] : nil) ?? name
  }
}
