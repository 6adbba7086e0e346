// Typed throws: errors with payloads, through generic code, with the state left behind.

private enum Refusal: Error, Equatable {
  case tooLong(count: UInt64, limit: UInt16)
  case overlap(UInt32)
  case closed
}

private struct Failure<Reason: Error>: Error {
  var reason: Reason
  var step: UInt8
}

private func check(_ count: UInt64) throws(Refusal) -> UInt32 {
  guard count < 1 << 40 else { throw .closed }
  guard count <= 0xffff else { throw .tooLong(count: count, limit: 0xffff) }
  guard count % 7 != 0 else { throw .overlap(UInt32(count)) }
  return UInt32(count) * 2
}

private func each<Problem: Error>(
  _ values: [UInt64], _ body: (UInt64) throws(Problem) -> UInt32
) throws(Failure<Problem>) -> UInt64 {
  var sum: UInt64 = 0
  var step: UInt8 = 0
  for value in values {
    do {
      sum += UInt64(try body(value))
    } catch {
      throw Failure(reason: error, step: step)
    }
    step += 1
  }
  return sum
}

private func code(_ refusal: Refusal) -> UInt64 {
  switch refusal {
  case .tooLong(let count, let limit): count << 16 | UInt64(limit)
  case .overlap(let place): UInt64(place)
  case .closed: 1
  }
}

func typedErrors() {
  for value: UInt64 in [3, 14, 0x1_0000, 1 << 41] {
    do {
      show("passed", try check(disguised(value)))
    } catch {
      show("thrown", code(error), error == .closed)
    }
  }
  do throws(Failure<Refusal>) {
    show("generic throws", try each([1, 2, disguised(3)], check))
    show("generic throws", try each([1, 2, disguised(21), 4], check))
  } catch {
    show("caught", error.step, code(error.reason))
  }
  let never = (try? each([5, 6]) { (value: UInt64) throws(Never) in UInt32(value) })
  show("throws nothing", never)
  let result = Result<UInt32, Refusal> { () throws(Refusal) in try check(disguised(28)) }
  switch result {
  case .success(let value): show("result", value)
  case .failure(let refusal): show("result", code(refusal))
  }
  var attempts = 0
  func attempt() throws(Refusal) {
    defer { attempts += 10 }
    attempts += Int(try check(disguised(7)))
  }
  do { try attempt() } catch { attempts += 1 }
  show("defer and throws", attempts)
}
