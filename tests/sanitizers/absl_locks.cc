// Tells ThreadSanitizer of abseil's locks. Debian's abseil is not instrumented, and its mutex is
// made of atomics and futexes of its own, so that everything under one would look like a race.
// Linked into every program of the preset tsan with --wrap: our calls come here, do what they did,
// and say that what was written before a release is seen after the acquire that follows.
//
// A condition that somebody waits for is evaluated by whoever unlocks, before it does: those reads
// are under the lock, and are left out.
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include <sanitizer/tsan_interface.h>

using absl::BlockingCounter;
using absl::Condition;
using absl::Duration;
using absl::Mutex;
using absl::Notification;
using absl::Time;

extern "C" {

void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);

// Names as the linker has them; Debian's inline namespace is debian3.
#define MUTEX(name) _ZN4absl7debian35Mutex##name
#define NOTIFICATION(name) _ZN4absl7debian312Notification##name
#define CONST_NOTIFICATION(name) _ZNK4absl7debian312Notification##name
#define COUNTER(name) _ZN4absl7debian315BlockingCounter##name
#define JOIN(a, b) a##b
#define REAL(name) JOIN(__real_, name)
#define WRAP(name) JOIN(__wrap_, name)

#define TAKES(name)                \
  void REAL(name)(Mutex * mutex);  \
  void WRAP(name)(Mutex * mutex) { \
    REAL(name)(mutex);             \
    __tsan_acquire(mutex);         \
  }
#define GIVES(name)                               \
  void REAL(name)(Mutex * mutex);                 \
  void WRAP(name)(Mutex * mutex) {                \
    __tsan_release(mutex);                        \
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__); \
    REAL(name)(mutex);                            \
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);   \
  }
#define WAITS(name, parameters, arguments)        \
  bool REAL(name) parameters;                     \
  bool WRAP(name) parameters {                    \
    __tsan_release(mutex);                        \
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__); \
    const bool met = REAL(name) arguments;        \
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);   \
    __tsan_acquire(mutex);                        \
    return met;                                   \
  }

TAKES(MUTEX(4LockEv))
TAKES(MUTEX(10ReaderLockEv))
GIVES(MUTEX(6UnlockEv))
GIVES(MUTEX(12ReaderUnlockEv))
WAITS(MUTEX(16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE),
      (Mutex * mutex, const Condition& condition, Duration timeout), (mutex, condition, timeout))
WAITS(MUTEX(17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE),
      (Mutex * mutex, const Condition& condition, Time deadline), (mutex, condition, deadline))

void REAL(MUTEX(5AwaitERKNS0_9ConditionE))(Mutex* mutex, const Condition& condition);
void WRAP(MUTEX(5AwaitERKNS0_9ConditionE))(Mutex* mutex, const Condition& condition) {
  __tsan_release(mutex);
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  REAL(MUTEX(5AwaitERKNS0_9ConditionE))(mutex, condition);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  __tsan_acquire(mutex);
}

void REAL(NOTIFICATION(6NotifyEv))(Notification* notification);
void WRAP(NOTIFICATION(6NotifyEv))(Notification* notification) {
  __tsan_release(notification);
  REAL(NOTIFICATION(6NotifyEv))(notification);
}
void REAL(CONST_NOTIFICATION(19WaitForNotificationEv))(Notification* notification);
void WRAP(CONST_NOTIFICATION(19WaitForNotificationEv))(Notification* notification) {
  REAL(CONST_NOTIFICATION(19WaitForNotificationEv))(notification);
  __tsan_acquire(notification);
}
bool REAL(CONST_NOTIFICATION(30WaitForNotificationWithTimeoutENS0_8DurationE))(
    Notification* notification, Duration timeout);
bool WRAP(CONST_NOTIFICATION(30WaitForNotificationWithTimeoutENS0_8DurationE))(
    Notification* notification, Duration timeout) {
  const bool notified = REAL(CONST_NOTIFICATION(30WaitForNotificationWithTimeoutENS0_8DurationE))(
      notification, timeout);
  __tsan_acquire(notification);
  return notified;
}

bool REAL(COUNTER(14DecrementCountEv))(BlockingCounter* counter);
bool WRAP(COUNTER(14DecrementCountEv))(BlockingCounter* counter) {
  __tsan_release(counter);
  return REAL(COUNTER(14DecrementCountEv))(counter);
}
void REAL(COUNTER(4WaitEv))(BlockingCounter* counter);
void WRAP(COUNTER(4WaitEv))(BlockingCounter* counter) {
  REAL(COUNTER(4WaitEv))(counter);
  __tsan_acquire(counter);
}

}  // extern "C"
