#include "apps/fosterwatch/demonstration_agency.h"

#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"

#include "apps/fosterwatch/people.h"
#include "libs/clock/proto_time.h"

namespace fosterwatch::app {
namespace {

using directory::v1::Body;

constexpr int kMainstream = 121;
constexpr int kConnected = 136;
constexpr int kChildren = 356;
constexpr char kMark[] = " (demonstration)";

struct Area {
  const char* id;
  const char* name;
  const char* police;
  const char* health;
};

constexpr Area kAuthorities[] = {
    {"northshire", "Northshire County Council", "north-march-police", "northshire-icb"},
    {"southmere", "Southmere Borough Council", "southmere-police", "mere-and-fen-icb"},
    {"eastvale", "Eastvale City Council", "eastvale-police", "eastvale-icb"},
    {"westhaven", "Westhaven Council", "west-coast-police", "westhaven-icb"},
    {"millbridge", "Millbridge Metropolitan Borough Council", "north-march-police",
     "northshire-icb"},
    {"harrowdale", "Harrowdale County Council", "north-march-police", "northshire-icb"},
    {"kingsferry", "Kingsferry Borough Council", "west-coast-police", "westhaven-icb"},
    {"ashcombe", "Ashcombe Council", "west-coast-police", "westhaven-icb"},
    {"stonebeck", "Stonebeck Metropolitan Borough Council", "eastvale-police", "eastvale-icb"},
    {"larkfield", "Larkfield County Council", "southmere-police", "mere-and-fen-icb"},
    {"fenmarsh", "Fenmarsh County Council", "southmere-police", "mere-and-fen-icb"},
    {"coldharbour", "Coldharbour City Council", "eastvale-police", "eastvale-icb"},
};
constexpr int kAuthorityCount = sizeof kAuthorities / sizeof kAuthorities[0];

constexpr std::pair<const char*, const char*> kPolice[] = {
    {"north-march-police", "North March Police"},
    {"southmere-police", "Southmere and Fen Police"},
    {"eastvale-police", "Eastvale Constabulary"},
    {"west-coast-police", "West Coast Constabulary"},
};

constexpr std::pair<const char*, const char*> kHealth[] = {
    {"northshire-icb", "NHS Northshire Integrated Care Board"},
    {"mere-and-fen-icb", "NHS Mere and Fen Integrated Care Board"},
    {"eastvale-icb", "NHS Eastvale Integrated Care Board"},
    {"westhaven-icb", "NHS Westhaven Integrated Care Board"},
};

constexpr const char* kFirstNames[] = {
    "Ada",    "Amina",  "Arthur", "Beatrix", "Callum", "Chidi",   "Clara",  "Dylan",
    "Edith",  "Elias",  "Farah",  "Felix",   "Greta",  "Harvey",  "Imogen", "Isaac",
    "Jasmin", "Jonah",  "Kezia",  "Leo",     "Lydia",  "Mabel",   "Malik",  "Nadia",
    "Noah",   "Olive",  "Oscar",  "Petra",   "Priya",  "Quentin", "Rosa",   "Rowan",
    "Samir",  "Saskia", "Tamsin", "Theo",    "Una",    "Victor",  "Winnie", "Zain"};

constexpr const char* kLastNames[] = {
    "Abara",    "Applegarth",  "Barrowby",  "Brightwell", "Calloway",   "Castellan",    "Dunmere",
    "Ellerby",  "Fairbrook",   "Fenwick",   "Garside",    "Hallowell",  "Harkness",     "Ibbotson",
    "Jessop",   "Kettlewell",  "Larkin",    "Lindqvist",  "Marchetti",  "Mirza",        "Northcott",
    "Oakshott", "Okonjo",      "Pemberton", "Quayle",     "Ravenscar",  "Rashid",       "Saltmarsh",
    "Sowerby",  "Thistlewood", "Underhill", "Vasanth",    "Wainwright", "Winterbourne", "Yarrow"};

constexpr const char* kStreets[] = {
    "Mill Lane",   "Orchard Road", "Station Approach", "Chapel Hill", "The Crescent",
    "Quarry Bank", "Meadow View",  "Castle Street",    "Weir Close",  "Larch Avenue"};

// The same on every platform, which the distributions of <random> are not.
class Dice {
 public:
  int Below(int count) { return static_cast<int>(engine_() % static_cast<unsigned>(count)); }
  template <typename T, size_t N>
  const T& Of(const T (&list)[N]) {
    return list[Below(N)];
  }

 private:
  std::mt19937 engine_{20260101};
};

std::string Day(Dice& dice, int first_year, int years) {
  const absl::CivilDay day = absl::CivilDay(first_year, 1, 1) + dice.Below(365 * years);
  return absl::FormatCivilTime(day);
}

std::string MailOf(const std::string& name, const std::string& where) {
  return absl::StrCat(name, "@", where, ".demonstration.invalid");
}

std::string Telephone(int number) { return absl::StrFormat("01632 960%03d", number); }

void AddContact(Body& body, type::v1::Channel channel, const std::string& address) {
  auto* contact = body.add_contacts();
  contact->set_channel(channel);
  contact->set_address(address);
  contact->set_released_by_person(channel != type::v1::CHANNEL_EMAIL);
}

Body MakeBody(const std::string& id, Body::Kind kind, const std::string& name) {
  Body body;
  body.set_body_id(id);
  body.set_kind(kind);
  body.set_name(name + kMark);
  return body;
}

std::vector<Body> MakeBodies() {
  std::vector<Body> bodies;
  int number = 0;
  for (const auto& [id, name] : kPolice) {
    bodies.push_back(MakeBody(id, Body::KIND_POLICE, name));
    AddContact(bodies.back(), type::v1::CHANNEL_EMAIL, MailOf("safeguarding", id));
    AddContact(bodies.back(), type::v1::CHANNEL_TELEPHONE, Telephone(number++));
  }
  for (const auto& [id, name] : kHealth) {
    bodies.push_back(MakeBody(id, Body::KIND_HEALTH_BODY, name));
    AddContact(bodies.back(), type::v1::CHANNEL_EMAIL, MailOf("safeguarding", id));
  }
  for (const Area& area : kAuthorities) {
    bodies.push_back(MakeBody(area.id, Body::KIND_LOCAL_AUTHORITY, area.name));
    bodies.back().set_police_body_id(area.police);
    bodies.back().set_health_body_id(area.health);
    AddContact(bodies.back(), type::v1::CHANNEL_EMAIL, MailOf("childrens-services", area.id));
    AddContact(bodies.back(), type::v1::CHANNEL_TELEPHONE, Telephone(number++));
  }
  // The regulator takes notifications in its own form, which only a person can fill in.
  bodies.push_back(
      MakeBody("chief-inspector", Body::KIND_CHIEF_INSPECTOR, "His Majesty's Chief Inspector"));
  AddContact(bodies.back(), type::v1::CHANNEL_ONLINE_FORM,
             "https://forms.demonstration.invalid/notify-a-serious-incident");
  AddContact(bodies.back(), type::v1::CHANNEL_TELEPHONE, Telephone(number++));
  bodies.push_back(
      MakeBody("secretary-of-state", Body::KIND_SECRETARY_OF_STATE, "Secretary of State"));
  AddContact(bodies.back(), type::v1::CHANNEL_EMAIL,
             MailOf("fostering-notifications", "secretary-of-state"));
  return bodies;
}

directory::v1::RoleHolder MakeHolder(Dice& dice, const std::string& person, options::v1::Role role,
                                     const std::string& title) {
  directory::v1::RoleHolder holder;
  holder.set_holder_id("demonstration-" + person);
  holder.set_person_id(person);
  holder.set_role(role);
  holder.set_name(absl::StrCat(dice.Of(kFirstNames), " ", dice.Of(kLastNames)));
  holder.set_email(absl::StrCat(person, "@demonstration.invalid"));
  *holder.mutable_from_time() =
      clock::ToProto(absl::FromCivil(absl::CivilDay(2024, 4, 1), absl::UTCTimeZone()));
  holder.set_title(title);
  return holder;
}

// Who signs in has the ids of people.h; the others are there to be alerted and named.
std::vector<directory::v1::RoleHolder> MakeHolders(Dice& dice) {
  std::vector<directory::v1::RoleHolder> holders;
  const auto add = [&](const std::string& person, options::v1::Role role,
                       const std::string& title) {
    holders.push_back(MakeHolder(dice, person, role, title));
  };
  const auto add_several = [&](options::v1::Role role, int count, const std::string& title) {
    for (int i = 1; i <= count; ++i) {
      std::string person = PersonOf(role);
      person.back() = static_cast<char>('0' + i);
      add(person, role, title);
    }
  };
  add(PersonOf(options::v1::ROLE_REGISTERED_MANAGER), options::v1::ROLE_REGISTERED_MANAGER,
      "Registered manager");
  add(PersonOf(options::v1::ROLE_DEPUTY_MANAGER), options::v1::ROLE_DEPUTY_MANAGER,
      "Deputy registered manager");
  add_several(options::v1::ROLE_TEAM_MANAGER, 3, "Team manager");
  add_several(options::v1::ROLE_CASEWORKER, 8, "Duty social worker");
  for (int i = 1; i <= 13; ++i) {
    add(absl::StrCat("decision-maker-", i), options::v1::ROLE_CASEWORKER, "Agency decision maker");
  }
  return holders;
}

std::string AuthorityOfHome(int carer) { return kAuthorities[(carer * 5) % kAuthorityCount].id; }

std::vector<carers::v1::Carer> MakeCarers(Dice& dice) {
  std::vector<carers::v1::Carer> carers;
  for (int i = 0; i < kMainstream + kConnected; ++i) {
    carers::v1::Carer& carer = carers.emplace_back();
    carer.set_carer_id(absl::StrFormat("F-%04d", i + 1));
    const std::string last = dice.Of(kLastNames);
    const std::string first = dice.Of(kFirstNames);
    const bool couple = dice.Below(3) > 0;
    const std::string second = dice.Of(kFirstNames);
    carer.set_name(couple && second != first ? absl::StrCat(first, " and ", second, " ", last)
                                             : absl::StrCat(first, " ", last));
    carer.set_kind(i < kMainstream ? carers::v1::Carer::KIND_MAINSTREAM
                                   : carers::v1::Carer::KIND_CONNECTED);
    carer.set_approved_date(Day(dice, 2012, 13));
    const std::string town = kAuthorities[(i * 5) % kAuthorityCount].name;
    carer.set_address(absl::StrCat(dice.Below(120) + 1, " ", dice.Of(kStreets), ", ",
                                   town.substr(0, town.find(' '))));
  }
  return carers;
}

// Every carer has one child; the rest live with mainstream carers, as brothers and sisters do.
std::vector<placements::v1::Child> MakeChildren(Dice& dice) {
  std::vector<placements::v1::Child> children;
  for (int i = 0; i < kChildren; ++i) {
    const int carer =
        i < kMainstream + kConnected ? i : (i - kMainstream - kConnected) % kMainstream;
    placements::v1::Child& child = children.emplace_back();
    child.set_child_id(absl::StrFormat("C-%04d", i + 1));
    child.set_name(absl::StrCat(dice.Of(kFirstNames), " ", dice.Of(kLastNames)));
    child.set_birth_date(Day(dice, 2009, 16));
    child.set_carer_id(absl::StrFormat("F-%04d", carer + 1));
    const std::string home = AuthorityOfHome(carer);
    child.set_area_authority_id(home);
    child.set_responsible_authority_id(home);
    if (i % 3 == 0) {
      const int other = (carer * 5 + 1 + dice.Below(kAuthorityCount - 1)) % kAuthorityCount;
      child.set_responsible_authority_id(kAuthorities[other].id);
    }
  }
  return children;
}

}  // namespace

DemonstrationAgency MakeDemonstrationAgency() {
  Dice dice;
  DemonstrationAgency agency;
  agency.bodies = MakeBodies();
  agency.holders = MakeHolders(dice);
  agency.publishers.emplace_back();
  agency.publishers.back().set_publisher_id("demonstration-case-system");
  agency.publishers.back().set_source("urn:demonstration:case-system");
  agency.carers = MakeCarers(dice);
  agency.children = MakeChildren(dice);
  // Last, so that everybody else keeps the name that they had before there was one.
  agency.holders.push_back(MakeHolder(dice, PersonOf(options::v1::ROLE_RESPONSIBLE_INDIVIDUAL),
                                      options::v1::ROLE_RESPONSIBLE_INDIVIDUAL,
                                      "Responsible individual"));
  agency.holders.push_back(MakeHolder(dice, PersonOf(options::v1::ROLE_SUPERVISING_SOCIAL_WORKER),
                                      options::v1::ROLE_SUPERVISING_SOCIAL_WORKER,
                                      "Supervising social worker"));
  return agency;
}

}  // namespace fosterwatch::app
