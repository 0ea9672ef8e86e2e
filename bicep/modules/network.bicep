// A network for the app, so that it reaches sources by private addresses: peer it with theirs.

@description('Its name.')
param name string

@description('The region.')
param location string

@description('Its tags.')
param tags object

@description('Its addresses: a /24, or larger.')
param addressPrefix string

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressPrefix
      ]
    }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 27, 2)
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }
}

@description('The network.')
output networkId string = network.id

@description('The subnet of the function app.')
output appSubnetId string = '${network.id}/subnets/app'

@description('The subnet of private endpoints.')
output endpointSubnetId string = '${network.id}/subnets/endpoints'
