import Foundation

/// How much an n-gram weighs: the fewer images have it in their references, the more.
struct DocumentFrequencies {
  /// By n-gram: log(images) − log(images that have it), which is at least counted once.
  private let inverse: [Double]
  /// Whether any n-gram of the references is lacking in those of some image. If not, all weigh nothing.
  let tellImagesApart: Bool

  init(references: [[ScoredText]], ngramCount: Int) {
    var images = Array(repeating: 0, count: ngramCount)
    var lastImage = Array(repeating: -1, count: ngramCount)
    for (image, texts) in references.enumerated() {
      for entry in texts.lazy.flatMap(\.ngrams.entries).joined() where lastImage[Int(entry.ngram)] != image {
        lastImage[Int(entry.ngram)] = image
        images[Int(entry.ngram)] += 1
      }
    }
    let total = log(Double(references.count))
    inverse = images.map { total - log(Double(max(1, $0))) }
    tellImagesApart = images.contains { $0 > 0 && $0 < references.count }
  }

  subscript(ngram: Int32) -> Double { inverse[Int(ngram)] }
}

/// CIDEr and CIDEr-D (Vedantam et al. 2015, sections 3 and 6), without stemming.
///
/// CIDEr-D is what pycocoevalcap 1.2 prints as CIDEr: it clips a candidate's n-grams to the reference's,
/// and a Gaussian (σ = 6) of the difference in length weighs each reference. Both are ten times the mean
/// over orders and references.
struct CIDEr {
  let frequencies: DocumentFrequencies
  private static let deviation = 6.0

  struct Scores: Equatable {
    /// CIDEr as first defined.
    let plain: Double
    /// CIDEr-D.
    let d: Double
  }

  func score(candidate: ScoredText, references: [ScoredText]) -> Scores {
    let candidateNorms = norms(of: candidate)
    var (plain, d) = (0.0, 0.0)
    for reference in references {
      let referenceNorms = norms(of: reference)
      // Lengths are counted in bigrams, as there.
      let difference = Double(candidate.ngrams.total(order: 2) - reference.ngrams.total(order: 2))
      let penalty = exp(-difference * difference / (2 * Self.deviation * Self.deviation))
      for order in 0..<NGramCounts.orders {
        var (product, clipped) = (0.0, 0.0)
        let entries = candidate.ngrams.entries[order]
        entries.forEachCommon(with: reference.ngrams.entries[order]) { index, b in
          let (frequency, a) = (frequencies[entries[index].ngram], entries[index].count)
          let weight = frequency * frequency
          product += weight * Double(a) * Double(b)
          clipped += weight * Double(min(a, b)) * Double(b)
        }
        let norm = candidateNorms[order] * referenceNorms[order]
        guard norm > 0 else { continue }
        plain += product / norm
        d += clipped / norm * penalty
      }
    }
    let scale = 10 / Double(NGramCounts.orders * references.count)
    return Scores(plain: plain * scale, d: d * scale)
  }

  /// Euclidean lengths of the vectors of weighted counts, by order.
  private func norms(of text: ScoredText) -> [Double] {
    text.ngrams.entries.map { entries in
      entries.reduce(0) { sum, entry in
        let weight = Double(entry.count) * frequencies[entry.ngram]
        return sum + weight * weight
      }.squareRoot()
    }
  }
}
