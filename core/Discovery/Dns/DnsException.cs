namespace Tributary.Discovery.Dns;

/// <summary>A server's answer is none.</summary>
internal sealed class DnsException(string message, Exception? inner = null) : Exception(message, inner);
