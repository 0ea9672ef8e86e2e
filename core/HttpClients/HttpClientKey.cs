using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tributary.Configuration.Http;

namespace Tributary.HttpClients;

/// <summary>
/// A value that is equal for equal configurations, whatever instances they are. It is a hash of all there is, secrets
/// too, and shows nothing.
/// </summary>
internal sealed class HttpClientKey : IEquatable<HttpClientKey>
{
    private readonly byte[] hash;

    private HttpClientKey(byte[] hash) => this.hash = hash;

    /// <summary>The key of a configuration.</summary>
    public static HttpClientKey Of(HttpClientConfig config)
    {
        using var writer = new Writer();
        writer.Add(config.BasicAuth is not null).Add(config.BasicAuth?.Username).Add(config.BasicAuth?.Password);
        writer.Add(config.Authorization?.Type).Add(config.Authorization?.Credentials);
        writer.Add(config.FollowRedirects).Add(config.EnableHttp2);
        AddTls(writer, config.Tls);
        AddProxy(writer, config.Proxy);
        writer.Add(config.HttpHeaders.Count);
        foreach (var (name, header) in Sorted(config.HttpHeaders))
        {
            writer.Add(name.ToLowerInvariant()).Add(header.Values);
        }
        writer.Add(config.OAuth2 is not null);
        if (config.OAuth2 is { } oauth2)
        {
            AddOAuth2(writer, oauth2);
        }
        writer.Add(config.AzureAd is not null);
        if (config.AzureAd is { } azure)
        {
            AddAzureAd(writer, azure);
        }
        return new HttpClientKey(writer.Hash());
    }

    public bool Equals(HttpClientKey? other) => other is not null && hash.AsSpan().SequenceEqual(other.hash);

    public override bool Equals(object? obj) => Equals(obj as HttpClientKey);

    public override int GetHashCode() => BinaryPrimitives.ReadInt32LittleEndian(hash);

    private static void AddTls(Writer writer, TlsConfig tls)
    {
        writer.Add(tls.Ca).Add(tls.Certificate).Add(tls.Key);
        writer.Add(tls.ServerName).Add(tls.InsecureSkipVerify).Add(tls.MinVersion).Add(tls.MaxVersion);
    }

    private static void AddProxy(Writer writer, ProxyConfig proxy)
    {
        writer.Add(proxy.Url?.OriginalString).Add(proxy.FromEnvironment).Add(proxy.NoProxy);
        writer.Add(proxy.ConnectHeaders.Count);
        foreach (var (name, values) in Sorted(proxy.ConnectHeaders))
        {
            writer.Add(name.ToLowerInvariant()).Add(values);
        }
    }

    private static void AddOAuth2(Writer writer, OAuth2Config oauth2)
    {
        writer.Add(oauth2.ClientId).Add(oauth2.ClientSecret).Add(oauth2.GrantType).Add(oauth2.TokenUrl.OriginalString);
        writer.Add(oauth2.ClientCertificateKey).Add(oauth2.ClientCertificateKeyId).Add(oauth2.SignatureAlgorithm);
        writer.Add(oauth2.Issuer).Add(oauth2.Audience).Add(oauth2.Claims).Add(oauth2.EndpointParams);
        writer.Add(oauth2.Scopes.Count);
        foreach (var scope in oauth2.Scopes)
        {
            writer.Add(scope);
        }
        AddTls(writer, oauth2.Tls);
        AddProxy(writer, oauth2.Proxy);
    }

    private static void AddAzureAd(Writer writer, AzureAdConfig azure)
    {
        writer.Add((int)azure.Method).Add(azure.Cloud).Add(azure.Scope).Add(azure.ClientId).Add(azure.TenantId);
        writer.Add(azure.ClientSecret).Add(azure.TokenFile).Add(azure.CertificateFile).Add(azure.CertificateKeyFile);
        writer.Add(azure.CertificatePassword).Add(azure.SendsChain);
    }

    private static IOrderedEnumerable<KeyValuePair<string, T>> Sorted<T>(IReadOnlyDictionary<string, T> all) =>
        all.OrderBy(item => item.Key, StringComparer.OrdinalIgnoreCase);

    /// <summary>Hashes values so that no two lists of them are alike: each with its kind and length.</summary>
    private sealed class Writer : IDisposable
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public void Dispose() => hash.Dispose();

        public byte[] Hash() => hash.GetHashAndReset();

        public Writer Add(bool value) => Add(value ? 1 : 0);

        public Writer Add(int value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
            hash.AppendData(bytes);
            return this;
        }

        public Writer Add(string? value)
        {
            if (value is null)
            {
                return Add(-1);
            }
            var bytes = Encoding.Unicode.GetBytes(value);
            Add(bytes.Length);
            hash.AppendData(bytes);
            return this;
        }

        public Writer Add(Secret? value) => Add(value is not null).Add(value?.Text).Add(value?.File);

        public Writer Add(IReadOnlyList<Secret> values)
        {
            Add(values.Count);
            foreach (var value in values)
            {
                Add(value);
            }
            return this;
        }

        public Writer Add(IReadOnlyDictionary<string, string> values)
        {
            Add(values.Count);
            foreach (var (name, value) in values.OrderBy(item => item.Key, StringComparer.Ordinal))
            {
                Add(name).Add(value);
            }
            return this;
        }
    }
}
