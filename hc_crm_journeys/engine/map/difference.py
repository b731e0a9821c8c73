"""What differs between two states of a map."""

from difflib import SequenceMatcher


def difference(before, after):
    """Return what must be added, removed and changed to make ``after`` of ``before``.

    :param before: ``{kind of thing: rows}``, each row ``{"uid", name of a value: value}``, in the order of the map
    :param after: the same
    :return: ``{"added": [[what, uid]], "removed": [[what, uid]], "changed": [{"what", "uid", "values":
        {name: [before, after]}}]}``. A place counts where the order differs, not its number: what moved is the
        fewest things that explain the new order.

    >>> old = {"stage": [{"uid": "a", "name": "A", "position": 1}, {"uid": "b", "name": "B", "position": 2}]}
    >>> new = {"stage": [{"uid": "a", "name": "A", "position": 4}, {"uid": "c", "name": "C", "position": 5}]}
    >>> difference(old, new)
    {'added': [['stage', 'c']], 'removed': [['stage', 'b']], 'changed': []}
    >>> new = {"stage": [{"uid": "b", "name": "B!", "position": 0}, {"uid": "a", "name": "A", "position": 1}]}
    >>> difference(old, new)["changed"]
    [{'what': 'stage', 'uid': 'b', 'values': {'name': ['B', 'B!'], 'position': [2, 0]}}]
    """
    found = {"added": [], "removed": [], "changed": []}
    for what in {**before, **after}:
        old = {row["uid"]: row for row in before.get(what, ())}
        new = {row["uid"]: row for row in after.get(what, ())}
        found["added"] += [[what, uid] for uid in new if uid not in old]
        found["removed"] += [[what, uid] for uid in old if uid not in new]
        moved = _moved([uid for uid in old if uid in new], [uid for uid in new if uid in old])
        for uid, row in new.items():
            if uid not in old:
                continue
            values = {
                name: [old[uid].get(name), value]
                for name, value in row.items()
                if name != "uid"
                and (uid in moved if name == "position" else old[uid].get(name) != value)
            }
            if values:
                found["changed"].append({"what": what, "uid": uid, "values": values})
    return found


def _moved(old, new):
    """Return the uids whose place differs between two orders of the same ones.

    >>> _moved(["a", "b", "c", "d"], ["a", "c", "d", "b"])
    {'b'}
    """
    stay = {
        uid
        for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        for uid in old[block.a : block.a + block.size]
    }
    return set(old) - stay
