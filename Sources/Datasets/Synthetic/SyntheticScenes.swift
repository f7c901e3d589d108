import Support
import Tensors

/// The data set that comes with the program: drawn scenes, embedded and captioned, the same on every machine.
///
/// No description occurs in two splits: a model meets every scene of validation and test as a combination
/// that it has never seen, while it has seen all of the parts.
public struct SyntheticScenes: Sendable {
  public struct Scene: Sendable {
    public let id: String
    public let description: SceneDescription
    /// `train`, `val` or `test`.
    public let split: String
    let number: Int
  }

  public static let defaultCount = 10_000

  private let seed: UInt64
  /// A tenth for validation, a tenth for test, the others for training; the splits one after the other.
  public let scenes: [Scene]

  /// Throws `Failure.usage` when `count` is not within 10 … 1,000,000.
  public init(count: Int = defaultCount, seed: UInt64) throws {
    guard (10...1_000_000).contains(count) else {
      throw Failure.usage(
        "\(count) scenes were asked for, but a data set has 10 to 1000000; choose a number between.")
    }
    var descriptions = SceneDescription.all
    var random = Philox(seed: seed, stream: "descriptions")
    random.shuffle(&descriptions)
    // Beyond the number of descriptions they come again, in other pictures but in the same split.
    let distinct = min(count, descriptions.count)
    let held = distinct / 10
    let digits = String(count - 1).count
    func split(of number: Int) -> String {
      switch number % distinct {
      case ..<(distinct - 2 * held): "train"
      case ..<(distinct - held): "val"
      default: "test"
      }
    }
    let scenes = (0..<count).map { number in
      let decimal = String(number)
      return Scene(
        id: "scene-" + String(repeating: "0", count: digits - decimal.count) + decimal,
        description: descriptions[number % distinct], split: split(of: number), number: number)
    }
    self.seed = seed
    self.scenes = ["train", "val", "test"].flatMap { split in scenes.filter { $0.split == split } }
  }

  public func picture(of scene: Scene) -> Picture {
    var random = Philox(seed: seed, stream: "picture", String(scene.number))
    return scene.description.picture(using: &random)
  }

  public func captions(of scene: Scene) -> [String] {
    var random = Philox(seed: seed, stream: "captions", String(scene.number))
    return scene.description.captions(using: &random)
  }

  /// Draws and embeds every scene; `visit` sees each picture on the way.
  public func contents(visit: (Scene, Picture) throws -> Void = { _, _ in }) rethrows -> StoreContents {
    let encoder = PictureEncoder()
    var embeddings: [Float] = []
    embeddings.reserveCapacity(scenes.count * PictureEncoder.width)
    for scene in scenes {
      let picture = picture(of: scene)
      try visit(scene, picture)
      embeddings += encoder.embedding(of: picture)
    }
    let captions = scenes.map(captions(of:))
    return StoreContents(
      encoder: PictureEncoder.name, normalized: false,
      source: "capstan data synth --scenes \(scenes.count) --seed \(seed)",
      width: PictureEncoder.width, embeddings: .float32(embeddings), imageIDs: scenes.map(\.id),
      splits: scenes.map(\.split), captionTexts: captions.flatMap(\.self),
      captionRows: captions.indices.flatMap { row in captions[row].map { _ in row } })
  }
}
