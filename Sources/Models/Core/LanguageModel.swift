import Autograd
import Layers
import Tensors

/// A causal language model that continues rows of embeddings: tokens, or whatever else comes before them.
///
/// Its description is what it is with its sizes: “GPT-2 of 12 layers, …”.
public protocol LanguageModel: AnyObject, Sendable, CustomStringConvertible {
  /// In order of first use as a weight.
  var parameters: [Parameter] { get }
  /// The table of token embeddings, [vocabulary, width].
  var tokens: Parameter { get }
  /// What projects ``normalized(_:on:)`` onto the vocabulary.
  var head: VocabularyProjection { get }
  /// The most rows of a sequence.
  var contextLength: Int { get }
  /// The blocks' output before the final normalisation.
  ///
  /// - Parameters:
  ///   - sources: one for each row of the packed input.
  ///   - positions: of each row within its sequence.
  ///   - prefix: the rows that sources of kind prefix name.
  ///   - cache: for generation: the rows continue sequences that the cache has seen; it takes them in.
  /// - Returns: [rows, width].
  func hidden(
    _ sources: [InputRow], positions: [Int], prefix: Variable?, packing: Packing, cache: KeyValueCache?,
    on tape: Tape
  ) -> Variable
  /// What the head projects onto the vocabulary. x: [rows, width]
  func normalized(_ x: Variable, on tape: Tape) -> LinearInput
  /// An empty cache for generation.
  func makeCache(sequences: Int, on backend: Backend) -> KeyValueCache
}
