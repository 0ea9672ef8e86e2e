namespace Tributary.Scraping;

/// <summary>How a body ended whose transfer ended properly.</summary>
internal enum BodyEnd
{
    /// <summary>Behind a line: whole, or cut between two lines.</summary>
    AtLine,

    /// <summary>Inside a line: cut.</summary>
    InLine,

    /// <summary>Inside a message of protobuf: cut for certain.</summary>
    InMessage,

    /// <summary>With the format's end marker: whole for certain.</summary>
    AtMarker,
}
