--- Text of a buffer that a language server cannot be told as it is.
local M = {}

---@type string[] the characters of UTF-8 of more than one byte (RFC 3629, section 4)
local characters = {
  '[\194-\223][\128-\191]',
  '\224[\160-\191][\128-\191]',
  '[\225-\236\238\239][\128-\191][\128-\191]',
  '\237[\128-\159][\128-\191]',
  '\240[\144-\191][\128-\191][\128-\191]',
  '[\241-\243][\128-\191][\128-\191][\128-\191]',
  '\244[\128-\143][\128-\191][\128-\191]',
}

--- A run of bytes above 127 with a question mark for each that is not UTF-8.
---@param run string
---@return string
local function valid(run)
  local kept, at = {}, 1
  while at <= #run do
    local last
    for _, character in ipairs(characters) do
      last = last or select(2, run:find('^' .. character, at))
    end
    table.insert(kept, last and run:sub(at, last) or '?')
    at = (last or at) + 1
  end
  return table.concat(kept)
end

--- A line as the server is told of it: as many bytes, but nothing that it would take
--- for the end of a line, and nothing that is not UTF-8. So Neovim and the server count
--- the same lines and columns.
---@param line string of nvim_buf_get_lines()
---@return string
function M.clean(line)
  return (line:gsub('\r', ' '):gsub('[\128-\255]+', valid))
end

--- Whether a line has a carriage return or bytes that are not UTF-8.
---@param text string
---@return boolean
function M.is_odd(text)
  for _, character in ipairs(text:find('[\128-\255]') and characters or {}) do
    text = text:gsub(character, ' ')
  end
  return text:find('[\r\128-\255]') ~= nil
end

return M
