import Tensors

/// Where a row of a language model's input comes from.
public enum InputRow: Sendable, Equatable {
  /// A row of the token table.
  case token(Int32)
  /// A row of the prefix that a mapping network made.
  case prefix(Int)
}

extension Tape {
  /// A language model's input: token embeddings and prefix rows in the given order, plus position embeddings where it has
  /// any.
  ///
  /// - Parameters:
  ///   - sources: one for each row.
  ///   - positions: the position of each row within its sequence.
  ///   - prefix: [prefix rows, width].
  ///   - tokens: the token table, [vocabulary, width]. What this adds to its gradient goes to ``Tape/sparseGradients``; the
  ///     gradient itself is zeros, unless other operations, such as a tied head, have the table as a weight.
  ///   - positionTable: [positions, width]; nil: the model tells positions by other means.
  /// - Returns: [rows, width].
  public func embed(
    _ sources: [InputRow], positions: [Int], prefix: Variable?, tokens: Parameter, positionTable: Parameter?,
    packing: Packing
  ) -> Variable {
    let width = tokens.value.columns
    let prefixRows = sources.map { source -> Int? in
      if case .prefix(let index) = source { index } else { nil }
    }
    precondition(
      prefixRows.allSatisfy { $0.map((0..<(prefix?.rows ?? 0)).contains) ?? true },
      "a prefix has the rows that are sources")
    precondition(positions.count == sources.count, "each source has a position")
    if let positionTable {
      precondition(
        positions.allSatisfy { (0..<positionTable.value.rows).contains($0) },
        "each position is a row of \(positionTable.name)")
    }
    precondition(
      sources.allSatisfy {
        if case .token(let id) = $0 { (0..<tokens.value.rows).contains(Int(id)) } else { true }
      },
      "each token is an entry of \(tokens.name)")
    let x = backend.matrix(sources.count, width)
    backend.inRowBlocks(of: x) { rows in
      for row in rows {
        let embedding =
          switch sources[row] {
          case .token(let id): tokens.value.row(Int(id))
          case .prefix(let index): prefix?.value.row(index)
          }
        guard let embedding else { continue }
        if let positionTable {
          backend.kernels.add(x.row(row), embedding, positionTable.value.row(positions[row]), width)
        } else {
          x.row(row).update(from: embedding, count: width)
        }
      }
    }
    let (tokenGradient, positionGradient) = (gradient(of: tokens), positionTable.flatMap(gradient(of:)))
    let isTrained = tokenGradient != nil || positionGradient != nil
    let output = variable(x, packing, requiresGradient: isTrained || prefix?.requiresGradient == true)
    record(output, contributingTo: [positionGradient]) {
      [self, prefixCount = prefix?.rows ?? 0, prefixSum = prefix?.gradientSum] dx in
      prefixSum?.add(backend.scatter(dx, to: prefixRows, of: prefixCount), on: backend)
      if tokenGradient != nil { addRows(of: dx, packing, sources, to: tokens) }
      if let positionGradient {
        let used = (positions.max() ?? -1) + 1
        positionGradient.add(
          backend.laneSums(packing.lanes, count: used * width) { lane, sums in
            sums.update(repeating: 0, count: used * width)
            for row in packing.rows(ofLane: lane) {
              let sum = sums + positions[row] * width
              backend.kernels.add(sum, sum, dx.row(row), width)
            }
          })
      }
    }
    return output
  }

  /// Embeddings of tokens alone.
  ///
  /// - Parameters:
  ///   - ids: one for each row.
  ///   - table: [vocabulary, width]. What this adds to its gradient goes to ``Tape/sparseGradients``, as in
  ///     ``embed(_:positions:prefix:tokens:positionTable:packing:)``.
  /// - Returns: [rows, width].
  public func embedding(_ ids: [Int32], of table: Parameter, packing: Packing) -> Variable {
    precondition(
      ids.count == packing.rows && ids.allSatisfy { (0..<table.value.rows).contains(Int($0)) },
      "each row has a token, which is an entry of \(table.name)")
    let tableGradient = gradient(of: table)
    let output = variable(
      backend.gather(ids.map(Int.init), of: table.value), packing, requiresGradient: tableGradient != nil)
    record(output) { [self] dx in addRows(of: dx, packing, ids.map { .token($0) }, to: table) }
    return output
  }

  private func addRows(of dx: Matrix, _ packing: Packing, _ sources: [InputRow], to table: Parameter) {
    for lane in 0..<packing.lanes {
      let tokens = packing.rows(ofLane: lane).compactMap { row -> (row: Int, id: Int32)? in
        if case .token(let id) = sources[row] { (row, id) } else { nil }
      }
      let rows = backend.gather(tokens.map(\.row), of: dx)
      add(SparseGradient(table: table, lane: lane, ids: tokens.map(\.id), rows: rows))
    }
  }
}
