namespace Tributary.Exposition;

/// <summary>Where in a protobuf body a reader is; it outlives the bytes at hand.</summary>
/// <param name="options">What becomes of histograms.</param>
internal sealed class ProtobufState(HistogramOptions options)
{
    /// <summary>The metric whose samples are being read.</summary>
    public MetricMessage Metric { get; } = new(options);

    /// <summary>Where in the body that metric begins.</summary>
    public long MetricOffset { get; set; }

    /// <summary>Whether a family has begun and not ended.</summary>
    public bool IsInFamily { get; private set; }

    /// <summary>Where in the body the family ends.</summary>
    public long FamilyEnd { get; private set; }

    /// <summary>The family's name, unescaped; empty before it was read.</summary>
    public byte[] Name { get; set; } = [];

    /// <summary>The family's name, escaped.</summary>
    public byte[] EscapedName { get; set; } = [];

    /// <summary>The family's help text, escaped.</summary>
    public byte[] Help { get; set; } = [];

    /// <summary>The family's unit.</summary>
    public byte[] Unit { get; set; } = [];

    /// <summary>The family's type.</summary>
    public FamilyType Type { get; set; }

    /// <summary>Whether type, help text and unit were handed out: a family without metrics has none for us, as upstream.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>What of them is left to hand out.</summary>
    public Queue<TextEntry> Announcements { get; } = new();

    /// <summary>Begins a family.</summary>
    public void Begin(long end)
    {
        (IsInFamily, FamilyEnd) = (true, end);
        Name = EscapedName = Help = Unit = [];
        Type = FamilyType.Counter;
        IsAnnounced = false;
    }

    /// <summary>Ends the family.</summary>
    public void End() => IsInFamily = false;
}
