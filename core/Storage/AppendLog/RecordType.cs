namespace Tributary.Storage.AppendLog;

/// <summary>What a record holds; the first byte of a frame's body.</summary>
internal enum RecordType : byte
{
    /// <summary>Window and writer; the first record of a file.</summary>
    Header = 1,

    /// <summary>New symbols and new series.</summary>
    Labels = 2,

    /// <summary>A list of series, which columns refer to.</summary>
    List = 3,

    /// <summary>Timestamps and values of one list.</summary>
    Samples = 4,

    /// <summary>What a scrape did; the last record of the last part of a batch.</summary>
    Report = 5,

    /// <summary>Type, help and unit of metric families.</summary>
    Metadata = 6,

    /// <summary>Native histograms of the samples record before it.</summary>
    Histograms = 7,
}
