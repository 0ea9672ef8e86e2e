using System.Text;
using System.Text.Unicode;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>The types, help texts and units of a source's families; a family that says the same again costs a hash each.</summary>
/// <param name="budget">What is kept of all sources may take.</param>
internal sealed class MetadataCache(SeriesBudget budget)
{
    private const string Unknown = "unknown";
    private const int MaxMissingBodies = 10;

    /// <summary>A family with its places in tables and lists.</summary>
    private const int FamilyBytes = 300;

    /// <summary>Of the text that is known and the one that was sent.</summary>
    private const int BytesPerChar = 4;

    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, Family> families = [];
    private volatile IReadOnlyList<MetricMetadata> current = [];
    private bool hasChanged;
    private bool isFederate;
    private int body;
    private int seen;
    private long takenBytes;

    /// <summary>Begins a scrape: one body, or several at once.</summary>
    /// <param name="isFederated">
    /// Whether it is of a <c>/federate</c>, which calls everything untyped: what is known from elsewhere then stays.
    /// </param>
    public void Begin(bool isFederated = false)
    {
        isFederate = isFederated;
        body++;
        seen = 0;
    }

    /// <summary>What the source says of its families, sorted by name; a list that never changes, for any thread.</summary>
    /// <remarks>As in Prometheus a family stays for ten bodies after the last one that named it.</remarks>
    public IReadOnlyList<MetricMetadata> Current => current;

    /// <summary>Takes a type, a help text or a unit. Safe for several threads, as several bodies are read at once.</summary>
    /// <param name="entry">Which of them.</param>
    /// <param name="name">The family's name, escaped.</param>
    /// <param name="text">The type, the escaped help text, or the unit.</param>
    /// <param name="escapesQuotes">Whether the help text escapes quotes, too.</param>
    /// <param name="type">The family's type as far as it is known, in Prometheus' words.</param>
    /// <returns>How many families the scrape has so far; -1 when there is no memory for this one.</returns>
    public int Observe(
        TextEntry entry,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> text,
        bool escapesQuotes,
        out string type
    )
    {
        lock (gate)
        {
            var family = FamilyOf(name);
            var saysNothing = entry is TextEntry.Type && isFederate && IsUnknown(text);
            if (!saysNothing)
            {
                Take(entry, family, text, escapesQuotes);
            }
            type = saysNothing ? Unknown : family.Item.Type;
            return TryPay(family) ? seen : -1;
        }
    }

    /// <summary>What the log does not have yet.</summary>
    public IReadOnlyList<MetricMetadata> Unsent()
    {
        List<MetricMetadata>? unsent = null;
        foreach (var family in families.Values)
        {
            if ((family.Body == body || family.IsTold) && !family.Item.Equals(family.Sent))
            {
                unsent ??= [];
                unsent.Add(family.Item);
            }
        }
        return unsent is null ? [] : unsent;
    }

    /// <summary>Takes note of what the log has.</summary>
    public void MarkSent(IReadOnlyList<MetricMetadata> metadata)
    {
        foreach (var item in metadata)
        {
            var key = ByteHash.Compute128(Encoding.UTF8.GetBytes(item.Family));
            if (!families.TryGetValue(key, out var family))
            {
                family = new Family(item.Family) { Body = body, IsTold = true };
                families.Add(key, family);
            }
            if (family.TypeHash == default && family.HelpHash == default && family.UnitHash == default)
            {
                // Known from the log alone, so the log's last word holds.
                family.Item = item;
                hasChanged = true;
            }
            family.Sent = item;
            if (!TryPay(family))
            {
                // What is not known is sent again.
                Remove(key, family);
            }
        }
    }

    /// <summary>Takes what the source says of its families beside its bodies: all of it, so what was told before is gone.</summary>
    /// <returns>Whether there was memory for it.</returns>
    public bool Tell(IReadOnlyList<MetricMetadata> metadata)
    {
        foreach (var family in families.Values)
        {
            family.IsTold = false;
        }
        var hasMemory = true;
        foreach (var item in metadata)
        {
            var key = ByteHash.Compute128(Encoding.UTF8.GetBytes(item.Family));
            if (!families.TryGetValue(key, out var family))
            {
                family = new Family(item.Family) { Body = body };
                families.Add(key, family);
            }
            family.IsTold = true;
            Set(family, item.Type, item.Help, item.Unit);
            if (!TryPay(family))
            {
                Remove(key, family);
                hasMemory = false;
                break;
            }
        }
        Publish();
        return hasMemory;
    }

    /// <summary>Forgets the families that the last bodies did not have, and makes the rest <see cref="Current"/>.</summary>
    public void End()
    {
        if (families.Count != seen)
        {
            foreach (var (key, family) in families)
            {
                if (body - family.Body > MaxMissingBodies && !(isFederate && family.IsTold))
                {
                    Remove(key, family);
                }
            }
        }
        Publish();
    }

    /// <summary>Makes what is known <see cref="Current"/>.</summary>
    public void Publish()
    {
        if (hasChanged)
        {
            hasChanged = false;
            current = [.. families.Values.Select(f => f.Item).OrderBy(item => item.Family, StringComparer.Ordinal)];
        }
    }

    /// <summary>Forgets all, and gives the memory back.</summary>
    public void Release()
    {
        families.Clear();
        budget.Return(takenBytes);
        takenBytes = 0;
        hasChanged = true;
        Publish();
    }

    /// <summary>The family of a name, which the scrape has now.</summary>
    private Family FamilyOf(ReadOnlySpan<byte> name)
    {
        if (name.Contains((byte)'\\') || !Utf8.IsValid(name))
        {
            // One spelling for every family, the one that the log knows it by.
            name = Encoding.UTF8.GetBytes(SeriesText.Unescape(name));
        }
        var key = ByteHash.Compute128(name);
        if (!families.TryGetValue(key, out var family))
        {
            family = new Family(Encoding.UTF8.GetString(name));
            families.Add(key, family);
            hasChanged = true;
        }
        if (family.Body != body)
        {
            family.Body = body;
            seen++;
        }
        return family;
    }

    private static bool IsUnknown(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("untyped"u8) || type.SequenceEqual("unknown"u8);

    private void Take(TextEntry entry, Family family, ReadOnlySpan<byte> text, bool escapesQuotes)
    {
        var hash = ByteHash.Compute128(text);
        switch (entry)
        {
            case TextEntry.Type:
                if (hash != family.TypeHash)
                {
                    family.TypeHash = hash;
                    var type = Encoding.UTF8.GetString(text);
                    Set(family, type: string.Equals(type, "untyped", StringComparison.Ordinal) ? Unknown : type);
                }
                break;
            case TextEntry.Help when hash != family.HelpHash:
                family.HelpHash = hash;
                Set(family, help: escapesQuotes ? SeriesText.Unescape(text) : SeriesText.UnescapeHelp(text));
                break;
            case TextEntry.Unit when hash != family.UnitHash:
                family.UnitHash = hash;
                Set(family, unit: Encoding.UTF8.GetString(text));
                break;
        }
    }

    /// <summary>Takes memory for what a family has grown by.</summary>
    private bool TryPay(Family family)
    {
        var item = family.Item;
        var cost = FamilyBytes + (BytesPerChar * (item.Family.Length + item.Help.Length + item.Unit.Length));
        if (cost == family.Cost)
        {
            return true;
        }
        if (cost > family.Cost && !budget.TryTake(cost - family.Cost, takenBytes))
        {
            return false;
        }
        if (cost < family.Cost)
        {
            budget.Return(family.Cost - cost);
        }
        takenBytes += cost - family.Cost;
        family.Cost = cost;
        return true;
    }

    private void Remove(UInt128 key, Family family)
    {
        families.Remove(key);
        budget.Return(family.Cost);
        takenBytes -= family.Cost;
        hasChanged = true;
    }

    private void Set(Family family, string? type = null, string? help = null, string? unit = null)
    {
        var item = family.Item;
        var changed = new MetricMetadata(family.Name, type ?? item.Type, help ?? item.Help, unit ?? item.Unit);
        if (!changed.Equals(item))
        {
            family.Item = changed;
            hasChanged = true;
        }
    }

    private sealed class Family(string name)
    {
        public string Name { get; } = name;
        public int Body { get; set; }

        /// <summary>Whether the log, or the source beside its bodies, told of it: a federated body need not name it.</summary>
        public bool IsTold { get; set; }

        /// <summary>The memory taken for it, in bytes.</summary>
        public int Cost { get; set; }
        public UInt128 TypeHash { get; set; }
        public UInt128 HelpHash { get; set; }
        public UInt128 UnitHash { get; set; }
        public MetricMetadata Item { get; set; } = new(name, Unknown, "", "");
        public MetricMetadata? Sent { get; set; }
    }
}
