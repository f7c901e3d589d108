/// The instructions of a pickle that are read, under the names of Python's `pickletools`: what protocols 1 to
/// 5 write for plain data and for torch's tensors.
///
/// Left out, and so refused: those that make an object as protocol 0 does (`INST`, `OBJ`), that go through the
/// extension registry (`EXT1`) or to data outside of the file (`NEXT_BUFFER`), and the quoted text of protocol 0.
enum PickleOpcode: UInt8 {
  case mark = 0x28  // (
  case stop = 0x2E  // .
  case pop = 0x30  // 0
  case popMark = 0x31  // 1
  case duplicate = 0x32  // 2

  case none = 0x4E  // N
  case newTrue = 0x88
  case newFalse = 0x89
  case int = 0x49  // I
  case binint = 0x4A  // J
  case binint1 = 0x4B  // K
  case binint2 = 0x4D  // M
  case long = 0x4C  // L
  case long1 = 0x8A
  case long4 = 0x8B
  case binfloat = 0x47  // G

  case binstring = 0x54  // T
  case shortBinstring = 0x55  // U
  case binunicode = 0x58  // X
  case shortBinunicode = 0x8C
  case binunicode8 = 0x8D
  case binbytes = 0x42  // B
  case shortBinbytes = 0x43  // C
  case binbytes8 = 0x8E
  case bytearray8 = 0x96

  case emptyTuple = 0x29  // )
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case tuple = 0x74  // t
  case emptyList = 0x5D  // ]
  case append = 0x61  // a
  case appends = 0x65  // e
  case emptyDict = 0x7D  // }
  case setitem = 0x73  // s
  case setitems = 0x75  // u
  case emptySet = 0x8F
  case addItems = 0x90
  case frozenSet = 0x91

  case binput = 0x71  // q
  case longBinput = 0x72  // r
  case memoize = 0x94
  case binget = 0x68  // h
  case longBinget = 0x6A  // j

  case global = 0x63  // c
  case stackGlobal = 0x93
  case reduce = 0x52  // R
  case newObject = 0x81
  case newObjectWithKeywords = 0x92
  case build = 0x62  // b
  case binpersid = 0x51  // Q

  case proto = 0x80
  case frame = 0x95
}
