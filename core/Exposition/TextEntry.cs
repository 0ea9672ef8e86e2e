namespace Tributary.Exposition;

/// <summary>What a reader of a format read.</summary>
internal enum TextEntry
{
    /// <summary>Nothing: the bytes at hand hold no further whole line.</summary>
    End,

    /// <summary>A sample.</summary>
    Sample,

    /// <summary>A sample that is a native histogram.</summary>
    Histogram,

    /// <summary>A type of a family.</summary>
    Type,

    /// <summary>A help text of a family.</summary>
    Help,

    /// <summary>A unit of a family.</summary>
    Unit,
}
