namespace Tributary.Configuration;

/// <summary>One destination of <c>remote_write</c>.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#remote_write</remarks>
/// <param name="Name">The name; when the file gives none, one that follows from the settings.</param>
/// <param name="Url">Where samples are sent.</param>
public sealed record RemoteWriteConfig(string Name, Uri Url);
