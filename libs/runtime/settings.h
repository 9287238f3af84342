// What a process is told from outside. A flag wins over the environment, that over the default:
// --grpc-listen, FOSTERWATCH_GRPC_LISTEN. Secrets come by files only.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace CLI {
class App;
}

namespace fosterwatch::runtime {

struct Settings {
  std::string data_dir;   // keys, one-time links; default ./.fosterwatch
  std::string share_dir;  // law, calendars, definitions; default ../share/fosterwatch by the binary
  std::string postgres = "host=127.0.0.1 port=5432";  // conninfo without user and dbname
  std::string postgres_admin;                         // only for `database setup`
  std::string bus = "postgres";                       // or "kafka"
  std::string kafka = "127.0.0.1:9092";
  std::string kafka_properties_file;  // the way there: TLS, user and password (docs/kafka.md)
  // What tells this process apart from others of the same service, the same after a restart;
  // default the host's name.
  std::string instance;
  std::string grpc_listen = "127.0.0.1:7410";
  // TLS between the services (libs/runtime/tls.h): this process's certificate, its key, and the
  // authorities that others are checked against. All three or none.
  std::string grpc_cert_file;
  std::string grpc_key_file;
  std::string grpc_ca_file;
  // "directory=127.0.0.1:7411,...": where the services answer; those not named, at grpc_listen.
  std::string endpoints;
  std::string http_listen = "127.0.0.1:8410";
  std::string metrics_listen;  // empty: no metrics port
  std::string web_dir;         // the built web application; empty: pages are not served
  std::string public_url = "http://127.0.0.1:8410";
  std::string smtp_url = "smtp://127.0.0.1:1025";
  std::string smtp_password_file;  // of the user that smtp_url names
  std::string smtp_ca_file;        // certificates to trust; empty: the system's
  int smtp_connections = 4;        // mails on their way at a time, one of them of alerts only
  std::string mail_from = "fosterwatch@localhost";
  std::string webhook_networks;  // that webhooks may reach beside the public internet
  std::string webhook_ca_file;   // certificates to trust; empty: the system's
  // Of the watchdog alone. Whom it tells: addresses with commas between, a URL, or both; by a mail
  // server of its own, or that of smtp_url.
  std::string watch_mail_to;
  std::string watch_smtp_url;
  std::string watch_webhook_url;
  std::string watch_policy;     // default share_dir/policy/watch.json
  std::string master_key_file;  // default data_dir/master.key
  std::string jwks_file;        // default data_dir/issuer/jwks.json
  std::string issuer = "fosterwatch-local";
  std::string service_token_file;  // default: a token of the local issuer
  std::string session_idle =
      "30m";  // a browser's session ends when nobody did anything for so long
  std::string session_life = "12h";  // and so long after it began
  std::string oidc_file;             // people sign in at their organisation's; empty: by links
  std::string programs_file;  // programs with tokens of a provider; empty: our own issuer's only
  // A Python that has WeasyPrint, for documents as PDF; empty: none is made.
  std::string pdf_python;
  // "northern=Northern Fostering;...": agencies as documents print them.
  std::string agency_names;
  std::string log_level = "info";

  // The database of a service: conninfo with its role and name. `relay` for the role that reads
  // all agencies.
  std::string Database(const std::string& service, bool relay = false) const;
  // The address of a service's gRPC port.
  std::string Endpoint(const std::string& service) const;
  // Of an agency among `agency_names`; "" where it has none.
  std::string AgencyName(const std::string& agency_id) const;
  // The names that stand first for each address among `endpoints`: the processes of the
  // installation.
  std::vector<std::string> Processes() const;
  // The folder of the local issuer's key (libs/auth/token.h), and whether tokens are its own.
  std::string IssuerFolder() const { return data_dir + "/issuer"; }
  bool UsesLocalIssuer() const { return jwks_file == IssuerFolder() + "/jwks.json"; }
  // The folder of one-time sign-in links (libs/auth/sign_in_links.h).
  std::string LinksFolder() const { return data_dir + "/sign-in"; }
};

// Adds every setting as a flag with its environment variable.
void AddSettings(CLI::App& app, Settings& settings);
// Fills in what has a default that depends on others.
void CompleteSettings(Settings& settings, const std::string& program_path);

}  // namespace fosterwatch::runtime
