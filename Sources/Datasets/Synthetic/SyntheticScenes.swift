import Essentials
import Foundation
import Storage
import Tensors

/// The embedded data set: pictures of drawn scenes with captions. Every scene has a description of its own, so no
/// description of one split occurs in another.
public struct SyntheticScenes {
  public let descriptions: [SceneDescription]
  private let seed: UInt64

  /// - Throws: `Failure.usage` when there are not that many descriptions, or too few for three splits.
  public init(count: Int, seed: UInt64) throws {
    guard (20...SceneDescription.all.count).contains(count) else {
      throw Failure.usage(
        "\(count) scenes were asked for, but there can be 20 to \(SceneDescription.all.count); choose a number between."
      )
    }
    var all = SceneDescription.all
    var random = CounterRandom(seed: seed, stream: "scenes")
    random.shuffle(&all)
    descriptions = Array(all.prefix(count))
    self.seed = seed
  }

  public func imageID(ofScene index: Int) -> String { "scene-\(String(index + 1_000_000).dropFirst())" }

  /// One in twenty scenes is for validation, one in twenty for testing.
  public func split(ofScene index: Int) -> String {
    switch index % 20 {
    case 9: "val"
    case 19: "test"
    default: "train"
    }
  }

  public func picture(ofScene index: Int) -> Picture {
    var random = CounterRandom(seed: seed, stream: "picture", String(index))
    return descriptions[index].picture(using: &random)
  }

  public func captions(ofScene index: Int) -> [String] {
    var random = CounterRandom(seed: seed, stream: "captions", String(index))
    return descriptions[index].captions(using: &random)
  }

  /// Everything as a store. Scenes are drawn and embedded in parallel.
  public func contents(on backend: Backend) -> StoreContents {
    let width = SceneFeatures.width
    var embeddings = [Float](repeating: 0, count: descriptions.count * width)
    embeddings.withUnsafeMutableBufferPointer { rows in
      nonisolated(unsafe) let rows = rows
      backend.pool.parallel(descriptions.count) { index in
        let embedding = SceneFeatures.embedding(of: picture(ofScene: index))
        for column in 0..<width { rows[index * width + column] = embedding[column] }
      }
    }
    let captions = descriptions.indices.map(captions(ofScene:))
    return StoreContents(
      encoder: SceneFeatures.encoder, normalized: false, source: "capstan data synth, seed \(seed)",
      width: width,
      positions: nil, embeddings: .float32(embeddings), imageIDs: descriptions.indices.map(imageID(ofScene:)),
      splits: descriptions.indices.map(split(ofScene:)), captionTexts: captions.flatMap { $0 },
      captionRows: captions.indices.flatMap { row in captions[row].map { _ in row } })
  }

  /// Writes every scene's picture as `<image id>.png`.
  public func writePictures(to directory: String) throws {
    for index in descriptions.indices {
      let picture = picture(ofScene: index)
      let file = try PNG.encode(pixels: picture.pixels, width: picture.width, height: picture.height)
      try DurableFile.write(file, to: "\(directory)/\(imageID(ofScene: index)).png")
    }
  }
}
