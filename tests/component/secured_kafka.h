// The listeners of the tests' Apache Kafka that want a certificate or a password
// (FOSTERWATCH_TEST_KAFKA_SECURED, see deploy/local/kafka.sh), and its access list.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include "libs/testing/broker.h"

namespace fosterwatch::testing {

class SecuredKafka {
 public:
  SecuredKafka() {
    const char* folder = std::getenv("FOSTERWATCH_TEST_KAFKA_SECURED");
    if (folder == nullptr || *folder == '\0') {
      throw std::runtime_error(
          "FOSTERWATCH_TEST_KAFKA_SECURED is not set: './dev test' starts such an Apache Kafka");
    }
    folder_ = folder;
    file_ = absl::StrCat("/tmp/kafka-", getpid(), ".properties");
  }
  ~SecuredKafka() { std::filesystem::remove(file_); }

  // Addresses of the listener that wants a certificate, and of the one that wants a password.
  std::string by_certificate() const { return Line("certificate"); }
  std::string by_user() const { return Line("user"); }
  std::string password() const { return Line("password"); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  // Written to `file`, which a bus reads.
  const std::string& file() const { return file_; }
  void Write(const std::string& properties) const {
    std::ofstream(file_, std::ios::trunc) << properties;
  }
  std::string WithPassword(const std::string& password, const std::string& mechanism = "PLAIN",
                           const std::string& user = "fosterwatch") const {
    return absl::StrCat("security.protocol=SASL_SSL\nssl.ca.location=", path("ca.pem"),
                        "\nsasl.mechanism=", mechanism, "\nsasl.username=", user,
                        "\nsasl.password=", password, "\n");
  }
  std::string WithCertificate(const std::string& ca = "ca.pem") const {
    return absl::StrCat("# by certificate\nsecurity.protocol = SSL\nssl.ca.location=", path(ca),
                        "\n\nssl.certificate.location=", path("client.pem"),
                        "\nssl.key.location=", path("client.key"), "\n");
  }

  // Allows a principal what rows of deploy/kafka/acls.txt say, or one more thing.
  void AllowAsListed(const std::string& principal) {
    std::ifstream file(
        absl::StrCat(std::getenv("FOSTERWATCH_SOURCE_DIR"), "/deploy/kafka/acls.txt"));
    int rows = 0;
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line[0] == '#') continue;
      std::istringstream words(line);
      std::string service, operation, kind, pattern, name;
      if (!(words >> service >> operation >> kind >> pattern >> name)) {
        throw std::runtime_error("a row of acls.txt cannot be read: " + line);
      }
      if (service == "operator" || service == "publisher") continue;
      Allow(principal, operation, kind, pattern, name);
      ++rows;
    }
    if (rows == 0) throw std::runtime_error("acls.txt is empty");
  }
  void Allow(const std::string& principal, const std::string& operation, const std::string& kind,
             const std::string& pattern, const std::string& name) {
    char error[256];
    rd_kafka_AclBinding_t* binding = rd_kafka_AclBinding_new(
        kind == "group" ? RD_KAFKA_RESOURCE_GROUP : RD_KAFKA_RESOURCE_TOPIC, name.c_str(),
        pattern == "prefixed" ? RD_KAFKA_RESOURCE_PATTERN_PREFIXED
                              : RD_KAFKA_RESOURCE_PATTERN_LITERAL,
        principal.c_str(), "*",
        operation == "write" ? RD_KAFKA_ACL_OPERATION_WRITE : RD_KAFKA_ACL_OPERATION_READ,
        RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW, error, sizeof error);
    if (binding == nullptr) throw std::runtime_error(error);
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    // The open listener's principal is a superuser.
    rd_kafka_conf_set(conf, "bootstrap.servers", TestBrokers().c_str(), nullptr, 0);
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
    rd_kafka_CreateAcls(client, &binding, 1, nullptr, queue);
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 10'000);
    const bool done = event != nullptr && rd_kafka_event_error(event) == 0;
    rd_kafka_event_destroy(event);
    rd_kafka_AclBinding_destroy(binding);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(client);
    if (!done) throw std::runtime_error("kafka does not take the access list");
  }

 private:
  std::string Line(const std::string& name) const {
    std::ifstream file(path(name));
    std::string line;
    if (!std::getline(file, line)) throw std::runtime_error("cannot read " + path(name));
    return std::string(absl::StripAsciiWhitespace(line));
  }

  std::string folder_;
  std::string file_;
};

}  // namespace fosterwatch::testing
