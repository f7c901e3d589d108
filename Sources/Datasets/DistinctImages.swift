import Support

/// Finds image ids that occur twice, knowing of each no more than a hash: where two hashes are the same, the ids are
/// read again.
struct DistinctImages {
  private var hashes: [Int] = []

  mutating func add(_ imageID: String) { hashes.append(imageID.hashValue) }

  /// Throws `Failure.badData` that names the first id that occurs again in the stores, whose ids were added.
  mutating func requireDistinct(in stores: [EmbeddingStore]) throws {
    hashes.sort()
    let repeated = Set(zip(hashes, hashes.dropFirst()).lazy.filter { $0 == $1 }.map(\.0))
    hashes = []
    guard !repeated.isEmpty else { return }
    var owners: [String: EmbeddingStore] = [:]
    for store in stores {
      try store.imageIDs.forEachPiece { first, ids in
        for (row, id) in zip(first..., ids) where repeated.contains(id.hashValue) {
          guard let owner = owners.updateValue(store, forKey: id) else { continue }
          guard owner !== store else { throw store.failure(EmbeddingStoreFaults.repeated(id, row: row)) }
          throw Failure.badData(
            "Image id \(id) is in both \(owner.path) and \(store.path); list each file once, and keep each "
              + "image in one file.")
        }
      }
    }
  }
}
