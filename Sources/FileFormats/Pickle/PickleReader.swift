import Foundation
import Support

/// Reads a pickle as data, without executing anything.
///
/// A pickle is a program for a stack machine that can import and call any Python function. Here only the
/// names in `PickleGlobal` exist, and they mean what `PickleReader.call` makes of them. What any other name would
/// make is opaque: a value that nothing can be done with, whose arguments and state are read and dropped. Values do
/// not contain themselves, nest at most `deepest` levels, and take memory in proportion to the file.
struct PickleReader {
  /// Far beyond what data sets and state dicts need, and little enough for a thread's stack.
  static let deepest = 100
  /// Enough for the captions of twenty million images.
  private static let longestMemo = 1 << 26

  private(set) var reader: ByteReader
  let storages: TorchStorages
  private var stack: [Slot] = []
  private var marks: [Int] = []
  private var memo: [Slot] = []
  /// How many bytes calls may still go through. A pickle can have the same bytes decoded over and over, and
  /// an honest one has them decoded once by each of two functions.
  var allowance: Int

  private enum Slot {
    case finished(PickleItem)
    case filling(PickleContainer)
    case making(PickleNumpyObject)
  }

  /// Reads one pickle; `reader` stands behind it afterwards.
  static func value(from reader: inout ByteReader, storages: TorchStorages) throws -> PickleValue {
    var machine = PickleReader(reader: reader, storages: storages, allowance: 2 * reader.bytes.count)
    let value = try machine.run()
    reader = machine.reader
    return value
  }

  func damaged(_ finding: String) -> Failure {
    .badData(
      "\(reader.name) is damaged or hostile: near offset \(reader.position) its pickle \(finding); write it "
        + "again with pickle.dump or torch.save.")
  }

  private mutating func run() throws -> PickleValue {
    while true {
      let code = try reader.byte()
      guard let opcode = PickleOpcode(rawValue: code) else {
        throw damaged("has instruction \(code), which plain data and tensors do not need")
      }
      if opcode == .stop { return try pop().value }
      try execute(opcode)
    }
  }

  private mutating func execute(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .stop: break
    case .proto:
      let version = try reader.byte()
      guard version <= 5 else { throw damaged("has protocol \(version), and protocols up to 5 are known") }
    case .frame: _ = try reader.count(UInt64.self)

    case .mark: marks.append(stack.count)
    case .pop: if marks.last == stack.count { marks.removeLast() } else { _ = try popSlot() }
    case .popMark: _ = try popToMark()
    case .duplicate:
      let slot = try popSlot()
      stack += [slot, slot]

    case .none: push(.none)
    case .newTrue: push(.bool(true))
    case .newFalse: push(.bool(false))
    case .binint: push(.integer(Int(try reader.integer(Int32.self))))
    case .binint1: push(.integer(Int(try reader.byte())))
    case .binint2: push(.integer(Int(try reader.integer(UInt16.self))))
    case .int, .long: push(try number(reader.line()))
    case .long1: push(integer(try reader.take(Int(reader.byte()))))
    case .long4: push(integer(try reader.take(reader.count(Int32.self))))
    case .binfloat: push(.float(Double(bitPattern: try reader.integer(UInt64.self).byteSwapped)))

    case .shortBinunicode: push(.string(try text(Int(reader.byte()))))
    case .binunicode: push(.string(try text(reader.count(UInt32.self))))
    case .binunicode8: push(.string(try text(reader.count(UInt64.self))))
    case .shortBinstring: push(oldText(try reader.take(Int(reader.byte()))))
    case .binstring: push(oldText(try reader.take(reader.count(Int32.self))))
    case .shortBinbytes: push(.bytes(try reader.take(Int(reader.byte()))))
    case .binbytes: push(.bytes(try reader.take(reader.count(UInt32.self))))
    case .binbytes8, .bytearray8: push(.bytes(try reader.take(reader.count(UInt64.self))))

    case .emptyTuple: push(.tuple([]))
    case .tuple1: try pushTuple(of: [pop()])
    case .tuple2: try pushTuple(of: [pop(), pop()].reversed())
    case .tuple3: try pushTuple(of: [pop(), pop(), pop()].reversed())
    case .tuple: try pushTuple(of: popToMark())
    case .emptyList: stack.append(.filling(PickleContainer(isDictionary: false)))
    case .append: try append([pop()])
    case .appends: try append(popToMark())
    case .emptyDict: stack.append(.filling(PickleContainer(isDictionary: true)))
    case .emptySet: push(.opaque("set"))
    case .addItems: try addToObject(popToMark())
    case .frozenSet:
      _ = try popToMark()
      push(.opaque("frozenset"))
    case .setitem: try setItems([pop(), pop()].reversed())
    case .setitems: try setItems(popToMark())

    case .binput: try put(at: Int(reader.byte()))
    case .longBinput: try put(at: reader.count(UInt32.self))
    case .memoize: try put(at: memo.count)
    case .binget: try get(Int(reader.byte()))
    case .longBinget: try get(reader.count(UInt32.self))

    case .global:
      let module = String(decoding: try reader.line(), as: UTF8.self)
      push(.global(module, String(decoding: try reader.line(), as: UTF8.self)))
    case .stackGlobal:
      let (name, module) = try (pop().value, pop().value)
      guard let module = module.string, let name = name.string else {
        throw damaged("names a global by no string")
      }
      push(.global(module, name))
    case .reduce: try reduce()
    case .newObject: try makeObject(arguments: 1)
    case .newObjectWithKeywords: try makeObject(arguments: 2)
    case .build:
      let state = try pop().value
      if stack.count > marks.last ?? 0, case .making(let object) = stack.last {
        return try setState(of: object, to: state)
      }
      // The attributes of a state dict: versions of its modules. Beside it only opaque objects may have a state.
      guard try hasObjectOnTop || container().isDictionary else {
        throw damaged("gives attributes to a list")
      }
    case .binpersid: push(try storage(pop().value))
    }
  }

  // MARK: - The stack

  private mutating func push(_ value: PickleValue, depth: Int = 0) {
    stack.append(.finished(PickleItem(value: value, depth: depth)))
  }

  private mutating func popSlot() throws -> Slot {
    guard stack.count > marks.last ?? 0, let slot = stack.popLast() else {
      throw damaged("takes what is not there")
    }
    return slot
  }

  private mutating func pop() throws -> PickleItem { try finish(popSlot()) }

  private mutating func popToMark() throws -> [PickleItem] {
    guard let mark = marks.popLast() else { throw damaged("lacks a mark") }
    let items = try stack[mark...].map(finish)
    stack.removeSubrange(mark...)
    return items
  }

  private func finish(_ slot: Slot) throws -> PickleItem {
    switch slot {
    case .finished(let item): return item
    case .filling(let container):
      guard container.depth < Self.deepest else { throw damaged("nests more than \(Self.deepest) levels") }
      return PickleItem(value: container.seal(), depth: container.depth)
    case .making(let object): return PickleItem(value: object.value, depth: 0)
    }
  }

  /// The list or dictionary on top, which may still change.
  private func container() throws -> PickleContainer {
    guard stack.count > marks.last ?? 0, case .filling(let container) = stack.last else {
      throw damaged("fills what is neither a list nor a dictionary")
    }
    guard !container.isSealed else { throw damaged("has a list or dictionary that contains itself") }
    return container
  }

  private mutating func pushTuple(of items: [PickleItem]) throws {
    let depth = 1 + (items.map(\.depth).max() ?? 0)
    guard depth < Self.deepest else { throw damaged("nests more than \(Self.deepest) levels") }
    push(.tuple(items.map(\.value)), depth: depth)
  }

  // Mutating, so that the caller's items come off the stack first.

  private mutating func append(_ items: [PickleItem]) throws {
    guard !hasObjectOnTop else { return }
    let list = try container()
    guard !list.isDictionary else { throw damaged("appends to a dictionary") }
    items.forEach(list.append)
  }

  private mutating func setItems(_ items: [PickleItem]) throws {
    guard !hasObjectOnTop else { return }
    let dictionary = try container()
    guard dictionary.isDictionary, items.count.isMultiple(of: 2) else {
      throw damaged("sets items that are no pairs")
    }
    for key in stride(from: 0, to: items.count, by: 2) { dictionary.set(items[key], to: items[key + 1]) }
  }

  private mutating func addToObject(_ items: [PickleItem]) throws {
    guard hasObjectOnTop else { throw damaged("fills what is not a set") }
  }

  /// Whether an opaque object is on top, of whose content nothing is kept.
  private var hasObjectOnTop: Bool {
    guard stack.count > marks.last ?? 0, case .finished(let item) = stack.last, case .opaque = item.value
    else { return false }
    return true
  }

  // MARK: - The memo

  private mutating func put(at index: Int) throws {
    guard stack.count > marks.last ?? 0, let top = stack.last else {
      throw damaged("remembers what is not there")
    }
    guard index <= memo.count, index < Self.longestMemo else {
      throw damaged("remembers a value as number \(index)")
    }
    if index == memo.count { memo.append(top) } else { memo[index] = top }
  }

  private mutating func get(_ index: Int) throws {
    guard memo.indices.contains(index) else { throw damaged("recalls value \(index), which there is not") }
    stack.append(memo[index])
  }

  // MARK: - Numbers and strings

  /// Protocol 1's decimal numbers; `00` and `01` are its booleans.
  private func number(_ line: Data) throws -> PickleValue {
    let digits = String(decoding: line, as: UTF8.self)
    if digits == "00" || digits == "01" { return .bool(digits == "01") }
    guard let value = Int(digits.hasSuffix("L") ? String(digits.dropLast()) : digits) else {
      throw damaged("has an integer that reads \(digits.prefix(30).debugDescription)")
    }
    return .integer(value)
  }

  /// Two's complement, little-endian, of any length.
  func integer(_ bytes: Data) -> PickleValue {
    guard bytes.count <= 8 else { return .bigInteger(bytes) }
    let sign: UInt64 = (bytes.last ?? 0) & 0x80 == 0 ? 0 : .max
    return .integer(Int(bitPattern: UInt(bytes.reversed().reduce(sign) { $0 << 8 | UInt64($1) })))
  }

  private mutating func text(_ count: Int) throws -> String {
    guard let text = String(validating: try reader.take(count), as: UTF8.self) else {
      throw damaged("has a string that is not valid Unicode")
    }
    return text
  }

  /// A string of Python 2, which may be text or bytes.
  private func oldText(_ bytes: Data) -> PickleValue {
    String(validating: bytes, as: UTF8.self).map(PickleValue.string) ?? .bytes(bytes)
  }

  // MARK: - Names and calls

  private mutating func reduce() throws {
    let (arguments, callee) = try (pop(), pop())
    guard case .tuple(let values) = arguments.value else { throw damaged("calls with no arguments") }
    switch callee.value {
    case .opaque(let name): push(.opaque(name))
    case .global(.function(.orderedDictionary)) where values.isEmpty,
      .global(.function(.defaultDictionary)):
      stack.append(.filling(PickleContainer(isDictionary: true)))
    case .global(.function(let function)):
      // Such as a tensor over a storage of complex numbers.
      if case .opaque(let name) = values.first {
        push(.opaque(name))
      } else if let object = try numpyObject(function, values) {
        stack.append(.making(object))
      } else {
        push(try call(function, values), depth: arguments.depth)
      }
    default: throw damaged("calls what is not a function")
    }
  }

  /// An object of a class, from so many values of arguments.
  private mutating func makeObject(arguments: Int) throws {
    for _ in 0..<arguments { _ = try pop() }
    guard case .opaque(let name) = try pop().value else {
      throw damaged("makes an object of what is not a class, or not so")
    }
    push(.opaque(name))
  }

  private func storage(_ id: PickleValue) throws -> PickleValue {
    if let name = TorchStorageName(id) { return .storage(try storages.storage(name, for: self)) }
    // A storage of numbers that are not read.
    guard case .tuple(let fields) = id, fields.count > 1, fields[0].string == "storage",
      case .opaque(let name) = fields[1]
    else { throw damaged("refers to something but no storage") }
    return .opaque(name)
  }
}

extension PickleValue {
  /// What a name in a module is: one of those that have a meaning here, or opaque.
  fileprivate static func global(_ module: String, _ name: String) -> Self {
    PickleGlobal("\(module).\(name)").map(Self.global) ?? .opaque(String("\(module).\(name)".prefix(80)))
  }
}
