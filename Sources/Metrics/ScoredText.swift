import Foundation

/// A caption as the metrics read it: words as numbers.
struct ScoredText {
  /// What stands between single blanks, which ROUGE-L compares: an empty text is one empty field.
  let fields: [Int32]
  /// Words with their n-grams, for BLEU and CIDEr: what white space separates.
  let ngrams: NGramCounts
}

/// Gives words and n-grams their numbers.
struct ScoringVocabulary {
  /// Words by their bytes: Unicode's equivalent spellings are different words to the metrics.
  private var words: [ArraySlice<UInt8>: Int32] = [:]
  private(set) var ngrams = NGramTable()

  mutating func text(_ text: String) -> ScoredText {
    let bytes = Array(text.utf8)
    let fields = bytes.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    let numbers = fields.map { number(of: $0) }
    var inWords: [Int32] = []
    for (field, number) in zip(fields, numbers) where !field.isEmpty {
      if field.allSatisfy({ (0x21...0x7E).contains($0) }) {
        inWords.append(number)
      } else {
        for word in String(decoding: field, as: UTF8.self).split(whereSeparator: \.isWhitespace) {
          inWords.append(self.number(of: Array(word.utf8)[...]))
        }
      }
    }
    return ScoredText(fields: numbers, ngrams: ngrams.counts(of: inWords))
  }

  private mutating func number(of word: ArraySlice<UInt8>) -> Int32 {
    if let number = words[word] { return number }
    let number = Int32(words.count)
    words[word] = number
    return number
  }
}
