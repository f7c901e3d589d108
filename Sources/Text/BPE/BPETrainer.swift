import Support

/// Learns a byte-level BPE vocabulary (Sennrich et al., 2016, section 3.2): the most frequent pair of
/// adjacent tokens becomes a token, again and again.
///
/// Ids go to the end of text (0), to the 256 byte symbols in the order of their code points, then to the
/// merges. Of equally frequent pairs the one with the smaller left id, then the smaller right id, goes first.
/// That makes the vocabulary the same as of Hugging Face's `BpeTrainer` with
/// `ByteLevel(add_prefix_space=False)`, its alphabet and the special token `<|endoftext|>`.
public struct BPETrainer {
  private let vocabularySize: Int

  /// - Throws: `Failure.usage` when the size has no room for the bytes and the end of text, or is beyond 32
  ///   bits.
  public init(vocabularySize: Int) throws {
    let possible = ByteToUnicode.scalars.count + 1...Int(Int32.max)
    guard possible.contains(vocabularySize) else {
      throw Failure.usage(
        "A vocabulary of \(vocabularySize) tokens cannot be; it takes \(possible.lowerBound) (256 bytes and "
          + "\(Vocabulary.endOfText)) to \(possible.upperBound): ask for a size between.")
    }
    self.vocabularySize = vocabularySize
  }

  /// Learns from captions, whose order does not matter. The vocabulary is smaller than asked for when every
  /// word of the captions has become one token.
  public func train(on captions: some Sequence<String>) -> BPETokenizer {
    let symbols = ByteToUnicode.scalars.sorted()
    var vocabulary = Vocabulary(tokens: [Vocabulary.endOfText] + symbols.map(String.init), merges: [])
    let tokenOfByte = ByteToUnicode.scalars.map { Int32((symbols.firstIndex(of: $0) ?? 0) + 1) }
    var corpus = PairCorpus(captions, tokenOfByte: tokenOfByte)
    while vocabulary.tokens.count < vocabularySize, let pair = corpus.mostFrequentPair() {
      let merge = Merge(pair: pair, result: Int32(vocabulary.tokens.count))
      vocabulary.tokens.append(vocabulary.tokens[Int(pair.left)] + vocabulary.tokens[Int(pair.right)])
      vocabulary.merges.append(merge)
      corpus.apply(merge)
    }
    return BPETokenizer(vocabulary)
  }
}
