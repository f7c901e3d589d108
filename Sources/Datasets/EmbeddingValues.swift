/// What the values of a store's embeddings are like, and in which rows they are not as they should be.
struct EmbeddingValues {
  /// Rows with NaN or infinity. The others below are of finite rows.
  private(set) var notFinite: [Int] = []
  /// Rows that have a vector of nothing but zeros.
  private(set) var zero: [Int] = []
  /// Rows that have a vector whose length is not 1 within 1 %, which half precision stays well below.
  private(set) var notUnitLength: [Int] = []
  /// Groups of rows with the same bits, zeros left out.
  private(set) var identical: [[Int]] = []
  /// The Euclidean norm, averaged over vectors; nil where there is none.
  private(set) var meanNorm: Double?

  /// Reads all embeddings once, and again those that seem to be the same. Takes 16 bytes of memory for each row.
  init(of store: EmbeddingStore) throws {
    var norms = (sum: 0.0, count: 0)
    var hashes: [(hash: Int, row: Int)] = []
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: store.valuesPerRow) { values in
      guard let start = values.baseAddress else { return }
      for row in 0..<store.rowCount {
        try store.copyRow(row, to: start)
        let ofRow = store.norms(of: values)
        guard ofRow.allSatisfy(\.isFinite) else {
          notFinite.append(row)
          continue
        }
        norms = (ofRow.reduce(norms.sum, +), norms.count + ofRow.count)
        if !ofRow.allSatisfy(EmbeddingStoreSummary.isUnit) { notUnitLength.append(row) }
        if ofRow.contains(0) {
          zero.append(row)
        } else {
          var hasher = Hasher()
          hasher.combine(bytes: UnsafeRawBufferPointer(values))
          hashes.append((hasher.finalize(), row))
        }
      }
    }
    meanNorm = norms.count == 0 ? nil : norms.sum / Double(norms.count)
    hashes.sort { $0 < $1 }
    for group in hashes.chunked(by: { $0.hash == $1.hash }) where group.count > 1 {
      let groups = try Dictionary(grouping: group.map(\.row)) { try store.floats(ofRow: $0) }
      identical += groups.values.filter { $0.count > 1 }
    }
    identical.sort { $0[0] < $1[0] }
  }
}

extension EmbeddingStore {
  fileprivate func floats(ofRow row: Int) throws -> [Float] {
    try [Float](unsafeUninitializedCapacity: valuesPerRow) { values, count in
      if let start = values.baseAddress { try copyRow(row, to: start) }
      count = valuesPerRow
    }
  }
}

extension Array {
  /// Stretches of neighbours that belong together.
  fileprivate func chunked(by belongTogether: (Element, Element) -> Bool) -> [ArraySlice<Element>] {
    var (chunks, first) = ([ArraySlice<Element>](), 0)
    for index in indices.dropFirst() where !belongTogether(self[index - 1], self[index]) {
      chunks.append(self[first..<index])
      first = index
    }
    return isEmpty ? [] : chunks + [self[first...]]
  }
}
