import Collectives
import Foundation
import Models
import Support
import Tensors
import Text

/// Captions images, on all ranks together.
///
/// Images are cut into groups in their order, and each group is decoded as a unit by one rank: the captions are the
/// same at any number of ranks and threads.
public struct Captioner {
  private let model: any CaptionModel
  private let tokenizer: any Tokenizer
  private let method: any DecodingMethod
  private let end: StopCondition
  private let normalizesEmbeddings: Bool
  private let backend: Backend

  /// Images that are decoded together. Products over their rows have bits of their own, so it is fixed.
  public static let groupSize = 32

  /// - Parameter normalizesEmbeddings: whether each embedding is divided by its length first, as in training.
  public init(
    _ model: any CaptionModel, _ tokenizer: any Tokenizer, method: any DecodingMethod,
    until end: StopCondition,
    normalizesEmbeddings: Bool, on backend: Backend
  ) {
    self.model = model
    self.tokenizer = tokenizer
    self.method = method
    self.end = end
    self.normalizesEmbeddings = normalizesEmbeddings
    self.backend = backend
  }

  /// The caption of every image, in order, on every rank.
  /// - Parameter progress: told after each group about how many images all ranks have done; what it throws ends it.
  /// - Throws: `Failure`, the same on all ranks, when the model predicts nothing of an image.
  public func captions(
    of images: ImageDataset, _ communicator: Communicator, progress: (_ done: Int) throws -> Void = { _ in }
  ) throws -> [String] {
    let ids = images.imageIDs
    let groups = stride(from: 0, to: images.count, by: Self.groupSize).map {
      $0..<min(images.count, $0 + Self.groupSize)
    }
    let mine = stride(from: communicator.rank, to: groups.count, by: communicator.size).map { groups[$0] }
    let captions = try communicator.agree {
      var captions: [[Int32]] = []
      for group in mine {
        captions += try decode(Array(ids[group]), images.embeddings(of: group, on: backend))
        try progress(min(images.count, captions.count * communicator.size))
      }
      return captions
    }
    // Every rank's captions are in the order of its groups, so taking group after group restores the whole.
    let lengths = communicator.allGather(captions.map(\.count))
    let tokens = communicator.allGather(captions.flatMap { $0 })
    var remaining = zip(lengths, tokens).map { ($0[...], $1[...]) }
    return groups.indices.flatMap { group in
      groups[group].map { _ in
        let rank = group % communicator.size
        let length = remaining[rank].0.removeFirst()
        let caption = remaining[rank].1.prefix(length)
        remaining[rank].1.removeFirst(length)
        return text(caption)
      }
    }
  }

  private func decode(_ ids: [String], _ embeddings: Matrix) throws -> [[Int32]] {
    if normalizesEmbeddings { embeddings.normalizeRows(on: backend) }
    let batch = DecodingBatch(model, embeddings: embeddings, on: backend)
    let captions = method.captions(of: ids, batch, until: end)
    if let image = batch.firstNonFinite {
      throw Failure.badData(
        "The model's predictions for image \(ids[image]) are not finite; look for a damaged or huge embedding with "
          + "`capstan data info`.")
    }
    return captions
  }

  /// What stands before the end of text, without white space around it.
  private func text(_ tokens: ArraySlice<Int32>) -> String {
    tokenizer.decode(tokens.prefix { $0 != tokenizer.endOfText }).trimmingCharacters(
      in: .whitespacesAndNewlines)
  }
}
