import Tensors

/// Where a row of a language model's input comes from.
public enum InputRow: Sendable, Equatable {
  /// A row of the token table.
  case token(Int32)
  /// A row of the prefix that a mapping network made.
  case prefix(Int)
}

extension Tape {
  /// A language model's input: token embeddings and prefix rows in the given order, plus position embeddings.
  ///
  /// - Parameters:
  ///   - sources: one for each row.
  ///   - positions: the position of each row within its sequence.
  ///   - prefix: [prefix rows, width], each of which is a source at most once.
  ///   - tokens: the token table, [vocabulary, width]. Its gradient goes to ``Tape/sparseGradients``, to be added to the one
  ///     that another operation on this tape, the tied head, writes.
  ///   - positionTable: [positions, width].
  /// - Returns: [rows, width].
  public func embed(
    _ sources: [InputRow], positions: [Int], prefix: Variable?, tokens: Parameter, positionTable: Parameter,
    packing: Packing
  ) -> Variable {
    let width = tokens.value.columns
    let named = sources.compactMap { if case .prefix(let index) = $0 { index } else { nil } }
    precondition(
      areDistinctRows(named, of: prefix?.rows ?? 0), "a row of the prefix is a source at most once")
    precondition(
      positions.count == sources.count
        && positions.allSatisfy { (0..<positionTable.value.rows).contains($0) },
      "each source has a position, which is a row of \(positionTable.name)")
    let x = backend.matrix(sources.count, width)
    for (row, source) in sources.enumerated() {
      let embedding: UnsafePointer<Float>? =
        switch source {
        case .token(let id): UnsafePointer(tokens.value.rows(from: Int(id), count: 1).pointer)
        case .prefix(let index): prefix.map { UnsafePointer($0.value.row(index)) }
        }
      backend.kernels.add(x.row(row), embedding, positionTable.value.row(positions[row]), width)
    }
    let isTrained = tokens.gradient != nil || positionTable.gradient != nil
    let output = variable(x, packing, requiresGradient: isTrained || prefix?.requiresGradient == true)
    record(output, writing: [positionTable], addingRowsTo: tokens) {
      [self, prefixRows = prefix?.rows ?? 0, prefixSum = prefix?.gradientSum] dx in
      if let prefixSum {
        let dPrefix = backend.zeros(prefixRows, width)
        for (row, source) in sources.enumerated() {
          if case .prefix(let index) = source { dPrefix.row(index).update(from: dx.row(row), count: width) }
        }
        prefixSum.add(dPrefix, on: backend)
      }
      if tokens.gradient != nil { reduceSparseGradients(tokenGradients(sources, dx, tokens)) }
      if let gradient = positionTable.gradient {
        let used = (positions.max() ?? -1) + 1
        gradient.fill(0)
        backend.reduceLanes(packing.lanes, count: used * width, into: gradient.pointer) { lane, sums in
          sums.update(repeating: 0, count: used * width)
          for row in packing.rows(ofLane: lane) {
            let sum = sums + positions[row] * width
            backend.kernels.add(sum, sum, dx.row(row), width)
          }
        }
      }
    }
    return output
  }

  private func tokenGradients(_ sources: [InputRow], _ dx: Matrix, _ table: Parameter) -> SparseGradient {
    var ids: [Int32] = []
    var rows: [Int] = []
    for (row, source) in sources.enumerated() {
      if case .token(let id) = source {
        ids.append(id)
        rows.append(row)
      }
    }
    let gathered = backend.matrix(rows.count, dx.columns)
    for (index, row) in rows.enumerated() {
      gathered.row(index).update(from: dx.row(row), count: dx.columns)
    }
    return SparseGradient(table: table, ids: ids, rows: gathered)
  }
}
