namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>What keeps the Functions host from starting, or a function from being indexed.</summary>
internal sealed class HostException(string message) : Exception(message);
