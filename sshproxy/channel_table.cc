#include "sshproxy/channel_table.h"

namespace homeport {

static_assert(sizeof(RelayedChannel) == 16, "there may be ten thousand on a connection");

RelayedChannel* ChannelTable::Find(Side end, uint32_t number) {
  const auto found = index_.find(Key(end, number));
  return found == index_.end() ? nullptr : &places_[found->second];
}

RelayedChannel& ChannelTable::Add(Side opener, uint32_t number, ChannelKind kind) {
  uint32_t place = static_cast<uint32_t>(places_.size());
  if (free_.empty()) {
    places_.emplace_back();
  } else {
    place = free_.back();
    free_.pop_back();
    places_[place] = RelayedChannel();
  }
  RelayedChannel& channel = places_[place];
  channel.number[Index(opener)] = number;
  channel.opener = opener;
  channel.kind = kind;
  index_[Key(opener, number)] = place;
  return channel;
}

void ChannelTable::Confirm(RelayedChannel& channel, uint32_t number) {
  const Side end = Other(channel.opener);
  channel.number[Index(end)] = number;
  channel.confirmed = true;
  index_[Key(end, number)] = static_cast<uint32_t>(&channel - places_.data());
}

void ChannelTable::Release(RelayedChannel& channel, Side end) {
  const uint32_t place = static_cast<uint32_t>(&channel - places_.data());
  const auto is_here = [&](Side side) {
    const auto found = index_.find(Key(side, channel.number[Index(side)]));
    return found != index_.end() && found->second == place;
  };
  if (is_here(end)) index_.erase(Key(end, channel.number[Index(end)]));
  if (is_here(Other(end))) return;
  channel.used = false;
  free_.push_back(place);
  if (free_.size() < places_.size()) return;
  // A connection that has had many channels and has none now holds nothing for them.
  index_ = {};
  places_ = {};
  free_ = {};
}

}  // namespace homeport
