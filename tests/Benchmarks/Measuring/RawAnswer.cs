namespace Tributary.Benchmarks.Measuring;

/// <summary>What one request brought, and when.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Bytes">The length of the body on the wire, without chunk framing.</param>
/// <param name="FirstByte">From before connecting to the first byte of the body, not of the headers.</param>
/// <param name="Total">To the last byte of the body.</param>
/// <param name="Body">The body, when it was to be kept.</param>
internal sealed record RawAnswer(int Status, long Bytes, TimeSpan FirstByte, TimeSpan Total, byte[]? Body);
